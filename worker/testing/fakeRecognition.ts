import { createHash } from 'node:crypto'
import { SAMPLES_PER_RECORD, utteranceId, type Channel, type LogRecord } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../protocol/testing/fakeClock.ts'
import type { Piece } from '../src/decoders/decoderPool.ts'
import type { Transcription } from '../src/engines/enginePort.ts'
import type { RecognitionContext } from '../src/reading/leaseReader.ts'
import { silentLog } from '../src/log.ts'
import { manifestSchema, type Manifest } from '../src/model/manifest.ts'
import { rmsOf } from '../src/endpointing/endpointer.ts'
import type { SpeechDetector } from '../src/endpointing/speechDetector.ts'
import { workerTuning } from '../src/tuning.ts'

export const aTranscription = (text: string, changes: Partial<Transcription> = {}): Transcription => ({
  text,
  words: [],
  noSpeech: 0,
  ...changes,
})

/**
 * Loud audio counts as speech. Like the real detector it has a memory, so that other audio before a frame changes its
 * probability.
 */
export const loudnessDetector: SpeechDetector = {
  openStream() {
    let memory = 0
    return {
      async probability(frame) {
        memory = memory * 0.5 + (rmsOf(frame) > 500 ? 0.5 : 0)
        return memory
      },
    }
  },
}

/** Returns a text that only these very samples and this prompt have. */
export const textOfSound = ({ samples, prompt }: Pick<Piece, 'samples' | 'prompt'>) =>
  `son ${createHash('sha256').update(samples).update(prompt).digest('hex').slice(0, 12)}`

/** Recognition without programs: a detector by loudness, decoders whose text names the samples they got. */
export function fakeRecognition(
  changes: Partial<RecognitionContext> & {
    readonly model?: Partial<Manifest>
    readonly transcribe?: (piece: Piece, kind: 'final' | 'partial') => Promise<Transcription | undefined>
  } = {},
): RecognitionContext {
  const {
    model,
    transcribe: understand = async (piece: Piece) => aTranscription(textOfSound(piece)),
    ...others
  } = changes
  let made = 0
  return {
    pool: {
      final: (piece) => understand(piece, 'final'),
      partial: (piece) => understand(piece, 'partial'),
      waiting: () => ({ finals: 0, partials: 0 }),
    },
    detector: loudnessDetector,
    manifest: manifestSchema.parse({ name: 'fake', ...model }),
    tuning: workerTuning,
    clock: createFakeClock(),
    newUtteranceId: () => utteranceId.parse(`utterance-${++made}`),
    log: silentLog,
    ...others,
  }
}

/** Sound of so many frames of 32 ms: `S` speaks, anything else is quiet. `seed` makes its samples different from others'. */
export function soundOf(pattern: string, seed = 1): Int16Array {
  const size = workerTuning.frameSamples
  const samples = new Int16Array(pattern.length * size)
  let state = seed
  for (let index = 0; index < samples.length; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    const loud = pattern[Math.floor(index / size)] === 'S'
    samples[index] = ((state >>> 16) % (loud ? 8_000 : 40)) - (loud ? 4_000 : 20)
  }
  return samples
}

/** Records of 100 ms as an agent writes them, PCM16; the rest of a last one is silence. */
export function recordsOf(sound: Partial<Record<Channel, Int16Array>>, firstSample = 0): LogRecord[] {
  const records: LogRecord[] = []
  const length = Math.max(...Object.values(sound).map((samples) => samples.length))
  for (let at = 0; at < length; at += SAMPLES_PER_RECORD) {
    for (const [channel, samples] of Object.entries(sound) as [Channel, Int16Array][]) {
      const block = new Int16Array(SAMPLES_PER_RECORD)
      block.set(samples.subarray(at, at + SAMPLES_PER_RECORD))
      const payload = new Uint8Array(block.buffer)
      const sequence = records.length
      records.push({ sequence, kind: 'audio', channel, firstSample: firstSample + at, payload })
    }
  }
  return records
}
