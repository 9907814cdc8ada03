/** One word as the engine heard it; ms after the first sample of the piece. */
export interface HeardWord {
  readonly text: string
  readonly fromMs: number
  readonly toMs: number
  /** 0 to 1. */
  readonly confidence: number
}

export interface Heard {
  readonly text: string
  readonly words: readonly HeardWord[]
  /** Probability that there was no speech at all, 0 to 1; 0 when the engine does not say. */
  readonly noSpeech: number
}

export interface TranscribeOptions {
  readonly language: string
  /** Text before, and words that are likely; empty for none. */
  readonly prompt: string
  /** How much of the encoder's window is used, in its own units of 20 ms; undefined: all of it. */
  readonly audioContext: number | undefined
  readonly signal: AbortSignal
}

/** One decoder: transcribes one piece of sound at a time. */
export interface Engine {
  /** Rejects with EngineBroken when the engine failed at this piece, with EngineDown when it cannot run at all. */
  transcribe(samples: Int16Array, options: TranscribeOptions): Promise<Heard>
  stop(): Promise<void>
}

/** The engine failed at one piece: crashed, missed its deadline, answered nonsense. Another try is worth it. */
export class EngineBroken extends Error {}
/** The engine cannot run: program or model missing, no memory. No try helps; the message says what does. */
export class EngineDown extends Error {}
