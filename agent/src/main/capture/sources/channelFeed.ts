/**
 * What a channel's audio really is; shown on the screen, because `system-loopback` contains all that plays and
 * `everything-but-us` other programs' sound too.
 */
export type SoundOrigin =
  'microphone' | '3cx-client' | 'everything-but-us' | 'system-loopback' | 'monitor' | 'file'

/** The device from which a channel's audio comes, named for people. */
export interface ChannelDevice {
  readonly origin: SoundOrigin
  /** The system's name for the device, such as 'Jabra Evolve2 Mono'. */
  readonly label: string
}

/** The callbacks of one running feed; none is called after its `stop` resolved. */
export interface FeedListener {
  /** 16 kHz mono; `endMs`: monotonic time at which the last sample was captured, or arrived. */
  sound(samples: Int16Array, endMs: number): void
  /** The following audio has another clock: another process or device was opened. Called before its first samples. */
  restarted(): void
  /** The audio comes from this device from here on. */
  device(device: ChannelDevice): void
  /** No audio comes any more: cause and remedy. The feed retries by itself; `device` reports the recovery. */
  lost(error: Error): void
  /** The audio comes from another device, or contains more, than the settings ask for: cause and remedy. */
  degraded(error: Error): void
}

/** One open feed of one channel, from its start until `stop`. */
export interface RunningFeed {
  /** Stops the feed. Resolves once nothing is open; no callback comes afterwards. Safe twice. */
  stop(): Promise<void>
}

/** The audio of one channel: a microphone, a monitor, a helper process. Heals itself; it never ends before `stop`. */
export interface ChannelFeed {
  /** Starts the feed and calls the listener until `stop`. Never throws: failures go to `lost`. */
  start(listener: FeedListener): RunningFeed
}
