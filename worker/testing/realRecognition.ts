import path from 'node:path'
import { utteranceId } from '@3cx-ninja/protocol'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { createDecoderPool } from '../src/decoders/decoderPool.ts'
import { createWhisperServer } from '../src/engines/whisperServer.ts'
import type { RecognitionContext } from '../src/reading/leaseReader.ts'
import { silentLog } from '../src/log.ts'
import { readManifest } from '../src/model/manifest.ts'
import { loadSilero } from '../src/endpointing/speechDetector.ts'
import { workerTuning } from '../src/tuning.ts'

export const root = path.resolve(import.meta.dirname, '../..')
export const whisperBinary = path.join(root, 'build/whisper/bin/whisper-server')
export const demoModel = path.join(root, 'resources/models/demo-fr-q5.bin')
export const sileroModel = path.join(root, 'resources/models/silero_vad_v5.onnx')

/** The shipped model in real decoders, the real speech detector. */
export async function realRecognition(decoders = 1): Promise<RecognitionContext & AsyncDisposable> {
  const program = { binary: whisperBinary, model: demoModel, threads: 2, args: [] }
  const engines = Array.from({ length: decoders }, () =>
    createWhisperServer({ program, clock: systemClock, tuning: workerTuning, log: silentLog }),
  )
  const pool = createDecoderPool({ engines, triesPerPiece: 3, log: silentLog })
  let made = 0
  return {
    pool,
    detector: await loadSilero(sileroModel),
    manifest: await readManifest(demoModel),
    tuning: workerTuning,
    clock: systemClock,
    log: silentLog,
    newUtteranceId: () => utteranceId.parse(`utterance-${++made}`),
    [Symbol.asyncDispose]: () => pool.stop(),
  }
}
