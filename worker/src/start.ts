import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { utteranceId, type Clock, type Random } from '@3cx-ninja/protocol'
import { attachWorker, type AttachedWorker } from './attach/attachWorker.ts'
import { ensureIdentity } from './attach/identity.ts'
import { createDecoderPool, type DecoderPool } from './decoders/decoderPool.ts'
import { loadSilero } from './endpointing/speechDetector.ts'
import { makeEngine } from './engines/makeEngine.ts'
import type { Log } from './log.ts'
import { readManifest, type Manifest } from './model/manifest.ts'
import { clipFor, selfTest, type SelfTestClip } from './selfTest.ts'
import type { Settings } from './settings.ts'
import { workerTuning } from './tuning.ts'

const resources = path.resolve(import.meta.dirname, '../../resources')

export interface Worker extends AttachedWorker {
  readonly slots: number
}

export interface WorkerNeeds {
  readonly settings: Settings
  readonly clock: Clock
  readonly random: Random
  readonly newId: () => string
  readonly log: Log
  readonly version: string
}

/**
 * Starts a worker: it tests itself, enrolls if needed, and attaches. Resolves once the link is being opened. Rejects with the
 * remedy, and with every engine stopped, when the self-test fails or the hub refuses the enrollment. Knows nothing of
 * signals and exit codes: those live in main.ts.
 */
export async function startWorker(needs: WorkerNeeds): Promise<Worker> {
  const { settings, clock, log } = needs
  await mkdir(settings.data, { recursive: true, mode: 0o700 })
  const manifest = await manifestOf(settings)
  const clip = await clipFor(manifest, path.join(resources, 'self-test'))
  const pool = createDecoderPool({
    engines: Array.from({ length: settings.decoders }, () => makeEngine(needs)),
    triesPerPiece: workerTuning.triesPerPiece,
    log,
  })
  try {
    const { speed, slots } = await measureSlots(needs, { clip, pool, manifest })
    const detector = await loadSilero(path.join(resources, 'models', 'silero_vad_v5.onnx'))
    const identity = await ensureIdentity({
      ...needs,
      folder: settings.data,
      hub: settings.hub,
      enrollmentKey: settings['enrollment-key'],
      name: settings.name,
    })
    const newUtteranceId = () => utteranceId.parse(needs.newId())
    const recognition = { pool, detector, manifest, tuning: workerTuning, clock, newUtteranceId, log }
    const attached = attachWorker({ ...needs, identity, slots, speed, recognition })
    return {
      slots,
      ended: attached.ended,
      async stop() {
        await attached.stop()
        await pool.stop()
      },
    }
  } catch (error) {
    await pool.stop()
    throw error
  }
}

/** Resolves with the speed of one decoder and the slots to offer: the setting, or what that speed allows. */
async function measureSlots(
  { settings, clock, log }: WorkerNeeds,
  test: { readonly clip: SelfTestClip; readonly pool: DecoderPool; readonly manifest: Manifest },
): Promise<{ readonly speed: number; readonly slots: number }> {
  const { decoders } = settings
  const { speed } = await selfTest({ ...test, decoders, clock })
  const slots = settings.slots || slotsFor(speed * decoders)
  log.info({ speed: Math.round(speed * 10) / 10, decoders, slots }, 'worker.self-tested')
  return { speed, slots }
}

function slotsFor(speed: number): number {
  const { usableSpeedShare, decodesPerLiveSecond, maxMeasuredSlots } = workerTuning
  return Math.max(
    1,
    Math.min(maxMeasuredSlots, Math.floor((speed * usableSpeedShare) / decodesPerLiveSecond)),
  )
}

async function manifestOf(settings: Settings): Promise<Manifest> {
  if (settings.engine === 'whisper-server') return readManifest(settings.model)
  return {
    name: settings.engine === 'openai' ? settings['engine-model'] : settings['engine-command'].slice(0, 120),
    languages: [],
    audioContext: 'full',
    maxPieceSeconds: 10,
    prompt: true,
  }
}
