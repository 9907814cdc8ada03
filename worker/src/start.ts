import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { cpus, hostname } from 'node:os'
import path from 'node:path'
import {
  hubToWorker,
  openLink,
  utteranceId,
  type Clock,
  type HubToWorker,
  type Link,
  type Random,
  type WorkerToHub,
} from '@3cx-ninja/protocol'
import { connectSocket } from '@3cx-ninja/node-kit/connectSocket.ts'
import { ensureIdentity } from './attach/identity.ts'
import { createLeases } from './attach/leases.ts'
import { createDecoderPool } from './decoders/decoderPool.ts'
import { EngineDown } from './engines/enginePort.ts'
import { makeEngine } from './engines/makeEngine.ts'
import type { Log } from './log.ts'
import { readManifest, type Manifest } from './model/manifest.ts'
import { loadSilero } from './segmenting/speechDetector.ts'
import { clipFor, selfTest } from './selfTest.ts'
import type { Settings } from './settings.ts'
import { workerTuning } from './tuning.ts'
import { Unfit } from './unfit.ts'

const resources = path.resolve(import.meta.dirname, '../../resources')

export interface Worker {
  readonly places: number
  /** Rejects when this worker cannot go on: refused by the hub, engine gone. */
  readonly ended: Promise<never>
  /** Takes nothing new, ends when its calls are done or time is up, giving back what is left. */
  stop(): Promise<void>
}

export interface WorkerNeeds {
  readonly settings: Settings
  readonly clock: Clock
  readonly random: Random
  readonly newId: () => string
  readonly log: Log
  readonly version: string
}

const SHARED =
  'Another worker uses the identity of this one, such as a copied folder: remove worker-identity.json here and enroll it with a key of its own.'
/** A partial is decoded again every half second, so a live call costs about this many times its sound. */
const DECODES_PER_SOUND = 5
/** A machine that works at this share of its measured speed keeps up. */
const USABLE = 0.7

/** Tests itself, enrolls if needed, and attaches. Rejects with the remedy when it is not fit to join. */
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
    const { speed } = await selfTest({ clip, pool, decoders: settings.decoders, manifest, clock })
    const places = settings.places || placesFor(speed * settings.decoders)
    log.info({ speed: Math.round(speed * 10) / 10, decoders: settings.decoders, places }, 'worker.fit')
    const detector = await loadSilero(path.join(resources, 'models', 'silero_vad_v5.onnx'))
    const identity = await ensureIdentity({
      ...needs,
      folder: settings.data,
      hub: settings.hub,
      enrollmentKey: settings['enrollment-key'],
      name: settings.name,
    })

    let fail: (error: Error) => void = () => undefined
    const ended = new Promise<never>((_resolve, reject) => (fail = reject))
    ended.catch(() => undefined)
    let draining = false
    let isDown = false
    /** The link's socket is gone. What was said before is at the hub then; bounded by the socket's own limit. */
    let closed: Promise<void> = Promise.resolve()
    let idle: () => void = () => undefined
    const leases = createLeases({
      places,
      languages: manifest.languages,
      hearing: {
        pool,
        detector,
        manifest,
        tuning: workerTuning,
        clock,
        newUtteranceId: () => utteranceId.parse(needs.newId()),
        log,
      },
      clock,
      renewalsPerLease: workerTuning.renewalsPerLease,
      send: (message) => void link.send(message),
      log,
      onCount: () => leases.count() === 0 && idle(),
      onDown: (error) => {
        if (!(error instanceof EngineDown)) return
        isDown = true
        fail(error)
      },
    })
    const offer = () =>
      link.send({
        kind: 'worker-offer',
        name: settings.name,
        slots: draining ? 0 : places,
        engine: settings.engine,
        model: manifest.name,
        device: cpus()[0]?.model.trim().slice(0, 120) ?? 'unknown',
        decoders: settings.decoders,
        speed: Math.round(speed * 100) / 100,
      })
    const link: Link<WorkerToHub> = openLink<HubToWorker, WorkerToHub>({
      connect(on) {
        let isOver: () => void = () => undefined
        const over = new Promise<void>((resolve) => (isOver = resolve))
        const { token, ca } = identity
        const address = { hub: settings.hub, path: '/link/worker', token, ...(ca ? { ca } : {}) } as const
        const socket = connectSocket(address, {
          ...on,
          close(code, why) {
            isOver()
            on.close(code, why)
          },
        })
        closed = over
        return socket
      },
      hello: {
        role: 'worker',
        version: needs.version,
        instance: randomUUID(),
        machine: hostname().slice(0, 120),
      },
      incoming: hubToWorker,
      clock,
      random: needs.random,
      onMessage: leases.message,
      onBinary: leases.binary,
      onState(state) {
        if (state.at === 'open') {
          log.info({ hub: identity.hub, places }, 'worker.attached')
          offer()
        } else {
          leases.drop()
          if (state.at === 'waiting' && state.closedAs === 'replaced')
            log.error({ remedy: SHARED }, 'worker.token-shared')
          else if (state.at === 'waiting') log.warn({ why: state.why }, 'hub.away')
          if (state.at === 'refused') fail(new Unfit(`The hub refused this worker: ${state.meaning}`))
        }
      },
      onUnexpectedMessage: (odd) => log.warn({ ...odd }, 'hub.odd-message'),
    })

    return {
      places,
      ended,
      async stop() {
        draining = true
        leases.drain()
        offer()
        // Without a decoder no call will be done here: another worker shall have them at once.
        if (leases.count() > 0 && !isDown) {
          await new Promise<void>((resolve) => {
            const cancel = clock.after(settings['drain-seconds'] * 1_000, resolve)
            idle = () => {
              cancel()
              resolve()
            }
          })
        }
        leases.giveBack('this worker stops')
        link.stop()
        await Promise.all([closed, pool.stop()])
      },
    }
  } catch (error) {
    await pool.stop()
    throw error
  }
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

function placesFor(speed: number): number {
  return Math.max(1, Math.min(200, Math.floor((speed * USABLE) / DECODES_PER_SOUND)))
}
