import type { Channel } from '@3cx-ninja/protocol'

/** 100 ms of both channels: 1,600 samples each, 16 kHz, on the source's one clock. */
export interface AudioBlock {
  /** Samples since the capture started; grows by 1,600, or by more behind a gap. */
  readonly firstSample: number
  readonly agent: Int16Array
  readonly caller: Int16Array
}

export interface AudioListener {
  block(block: AudioBlock): void
  /** Sound of a channel comes from another device now. */
  deviceChange(change: {
    readonly channel: Channel
    readonly label: string
    readonly firstSample: number
  }): void
  /** No sound for this long (device lost, overload); the next block stands behind it. */
  gap(gap: { readonly firstSample: number; readonly samples: number }): void
  /** The source cannot go on by itself: what happened and the remedy. */
  failed(error: Error): void
}

export interface AudioCapture {
  /** No callback comes after it resolves. Safe twice. */
  stop(): Promise<void>
}

/** Where sound comes from: a file, `parec`, later the microphone of an Electron window and a loopback helper. */
export interface AudioSource {
  readonly name: string
  start(listener: AudioListener): AudioCapture
}
