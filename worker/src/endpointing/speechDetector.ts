import { SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'
import { InferenceSession, Tensor } from 'onnxruntime-node'

/** Estimates the probability of speech, frame after frame. It keeps state: each channel and each utterance has its own stream. */
export interface SpeechStream {
  /** Resolves with 0 to 1 for a frame of 512 samples. Rejects when the model file is not Silero VAD v5. */
  probability(frame: Int16Array): Promise<number>
}
export interface SpeechDetector {
  openStream(): SpeechStream
}

const FRAME = 512
/** Silero v5 reads the last 64 samples of the previous frame, too. */
const CONTEXT = 64
const STATE_SHAPE = [2, 1, 128] as const

/** Loads Silero VAD v5 through onnxruntime; one thread needs 0.2 ms per frame. Rejects with the remedy when the model is missing. */
export async function loadSilero(modelFile: string): Promise<SpeechDetector> {
  const session = await InferenceSession.create(modelFile, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  }).catch((cause: unknown) => {
    throw new Error(`The speech detector ${modelFile} cannot be loaded: install the worker again.`, { cause })
  })
  const rate = new Tensor('int64', [BigInt(SAMPLE_RATE_HZ)], [])
  return {
    openStream() {
      let state: Tensor = new Tensor('float32', new Float32Array(2 * 128), STATE_SHAPE)
      const window = new Float32Array(CONTEXT + FRAME)
      return {
        async probability(frame) {
          window.copyWithin(0, FRAME)
          for (let index = 0; index < FRAME; index++) window[CONTEXT + index] = (frame[index] ?? 0) / 32_768
          const input = new Tensor('float32', window.slice(), [1, window.length])
          const { output, stateN } = await session.run({ input, state, sr: rate })
          if (!output || !stateN)
            throw new Error(`${modelFile} is not Silero VAD v5: install the worker again.`)
          state = stateN
          const [value] = output.data
          return typeof value === 'number' ? value : 0
        },
      }
    },
  }
}
