/** One word of an engine's answer; its times are ms after the first sample of the piece. */
export interface TranscribedWord {
  readonly text: string
  readonly fromMs: number
  readonly toMs: number
  /** 0 to 1. */
  readonly confidence: number
}

/** An engine's answer for one piece of audio: its text, and its words where the engine gives them. */
export interface Transcription {
  readonly text: string
  readonly words: readonly TranscribedWord[]
  /** Probability that nobody spoke, 0 to 1; 0 when the engine does not give it. */
  readonly noSpeech: number
}

/** What one piece of audio is transcribed with, besides its samples; an engine ignores what it does not support. */
export interface TranscribeOptions {
  readonly language: string
  /** The text before, and words that are likely; empty for none. */
  readonly prompt: string
  /** How much of the encoder's window is used, in the encoder's units of 20 ms; undefined: all of it. */
  readonly audioContext: number | undefined
  readonly signal: AbortSignal
}

/** One decoder: it transcribes one piece of audio at a time, and knows nothing of calls, channels and queues. */
export interface Engine {
  /**
   * Resolves with the transcription of 16 kHz samples. Rejects with EngineBroken when the engine failed at this piece, with
   * EngineDown when it cannot run at all, and with the signal's reason when that aborts.
   */
  transcribe(samples: Int16Array, options: TranscribeOptions): Promise<Transcription>
  /** Ends the program or the requests under way; resolves once nothing runs. Every later piece rejects with EngineDown. */
  stop(): Promise<void>
}

/** The engine failed at one piece: it crashed, missed its deadline or answered nonsense. Another try is worthwhile. */
export class EngineBroken extends Error {}
/** The engine cannot run: its program or model is missing, or memory is. No try helps; the message names the remedy. */
export class EngineDown extends Error {}
