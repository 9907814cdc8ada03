import type { Channel } from '@3cx-ninja/protocol'

/** 100 ms of both channels: 1,600 samples each, 16 kHz, on the source's one clock. */
export interface AudioBlock {
  /** Samples since the capture started; grows by 1,600, or by more after a gap. */
  readonly firstSample: number
  readonly agent: Int16Array
  readonly caller: Int16Array
}

/** The callbacks of an open audio source, called in the order of the audio. */
export interface AudioListener {
  /** The next 100 ms. Blocks come in order and never overlap. */
  block(block: AudioBlock): void
  /** A channel's audio comes from another device from `firstSample` on. */
  deviceChange(change: {
    readonly channel: Channel
    readonly label: string
    readonly firstSample: number
  }): void
  /** This stretch has no audio (device lost, overload); the next block begins after it. */
  gap(gap: { readonly firstSample: number; readonly samples: number }): void
  /** The source cannot go on by itself: cause and remedy. The owner stops it and may start it again. */
  failed(error: Error): void
}

/** An open capture of an audio source, from `open` until `stop`. */
export interface AudioCapture {
  /** Stops the capture. Resolves once nothing is open; no callback comes afterwards. Safe twice. */
  stop(): Promise<void>
}

/** Port of both sides of a call: a file, PulseAudio, or Chromium's microphone with the capture helper. */
export interface AudioSource {
  readonly name: string
  /** Starts the capture; its first sample is number 0. Throws nothing: a source that cannot start calls `failed`. */
  start(listener: AudioListener): AudioCapture
}
