/**
 * Where a channel's sound really comes from; shown on the screen, because `system-loopback` hears all that plays and
 * `everything-but-us` other programs' sound too.
 */
export type SoundOrigin =
  'microphone' | '3cx-client' | 'everything-but-us' | 'system-loopback' | 'monitor' | 'file'

export interface ChannelDevice {
  readonly origin: SoundOrigin
  /** As the system names it, such as 'Jabra Evolve2 Mono'. */
  readonly label: string
}

export interface FeedListener {
  /** 16 kHz mono; `endMs`: monotonic time at which the last sample was captured, or arrived. */
  sound(samples: Int16Array, endMs: number): void
  /** What follows has a clock of its own: another process or device was opened. Before its first sound. */
  restarted(): void
  /** Sound comes from this device from here on. */
  device(device: ChannelDevice): void
  /** Nothing is heard any more: cause and remedy. The feed goes on trying; `device` says that it is well again. */
  lost(error: Error): void
  /** It is heard, but not as wished: cause and remedy. */
  degraded(error: Error): void
}

export interface RunningFeed {
  /** No callback comes after it resolves. Safe twice. */
  stop(): Promise<void>
}

/** The sound of one channel: a microphone, a monitor, a helper process. Heals itself; it never ends before `stop`. */
export interface ChannelFeed {
  start(listener: FeedListener): RunningFeed
}
