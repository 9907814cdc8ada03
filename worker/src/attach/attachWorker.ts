import { randomUUID } from 'node:crypto'
import { cpus, hostname } from 'node:os'
import { connectSocket } from '@3cx-ninja/node-kit/connectSocket.ts'
import {
  workerToHub,
  hubToWorker,
  openLink,
  type HubToWorker,
  type Link,
  type Random,
  type WorkerToHub,
} from '@3cx-ninja/protocol'
import { EngineDown } from '../engines/enginePort.ts'
import type { RecognitionContext } from '../reading/leaseReader.ts'
import type { Settings } from '../settings.ts'
import { StartupError } from '../startupError.ts'
import type { Identity } from './identity.ts'
import { createLeases } from './leases.ts'

/** What the attachment needs: settings, identity, what the self-test measured, and the recognition its leases share. */
export interface AttachNeeds {
  readonly settings: Settings
  readonly identity: Identity
  readonly slots: number
  /** Seconds of audio per second of one decoder, for the hub's health page. */
  readonly speed: number
  readonly recognition: RecognitionContext
  readonly random: Random
  readonly version: string
}

/** A worker that keeps a link to its hub until it stops or cannot go on. */
export interface AttachedWorker {
  /** Rejects when this worker cannot go on: with StartupError when the hub refuses it, with EngineDown when its engine is gone. Never resolves. */
  readonly ended: Promise<never>
  /**
   * Declines new leases, waits for the calls held for at most `drain-seconds`, gives back the rest and closes the link.
   * Resolves once the socket is closed, so that all messages are at the hub; the socket's own limit bounds that.
   */
  stop(): Promise<void>
}

interface AttachState {
  readonly ended: Promise<never>
  readonly fail: (error: Error) => void
  draining: boolean
  enginesDown: boolean
  /** Resolves when the newest socket is closed. */
  socketClosed: Promise<void>
  /** Called when no lease is held any more. */
  onIdle: () => void
}

const SHARED_TOKEN =
  'Another worker uses the identity of this one, such as a copied folder: remove worker-identity.json here and enroll it with a key of its own.'

/**
 * Attaches a worker to its hub and returns at once; the link connects, and connects again, in the background. Attached means
 * open link and slots offered; draining means zero slots offered and the leases held go on; all leases end with the link.
 * Knows nothing of audio: the leases read it.
 */
export function attachWorker(needs: AttachNeeds): AttachedWorker {
  const state = initialState()
  const { settings, slots, recognition } = needs
  const leases = createLeases({
    slots,
    languages: recognition.manifest.languages,
    recognition,
    clock: recognition.clock,
    renewalsPerLease: recognition.tuning.renewalsPerLease,
    send: (message) => void link.send(message),
    log: recognition.log,
    onCount: () => leases.count() === 0 && state.onIdle(),
    onDown(error) {
      if (!(error instanceof EngineDown)) return
      state.enginesDown = true
      state.fail(error)
    },
  })
  const link: Link<WorkerToHub> = openLink<HubToWorker, WorkerToHub>({
    connect: (on) => connect(needs, state, on),
    hello: {
      role: 'worker',
      version: needs.version,
      instance: randomUUID(),
      machine: hostname().slice(0, 120),
    },
    incoming: hubToWorker,
    outgoing: workerToHub,
    clock: recognition.clock,
    random: needs.random,
    onMessage: leases.message,
    onBinary: leases.binary,
    onState(change) {
      if (change.at === 'open') {
        recognition.log.info({ hub: needs.identity.hub, slots }, 'worker.attached')
        return offerSlots(needs, state, link)
      }
      leases.drop()
      reportClosedLink(needs, state, change)
    },
    onUnexpectedMessage: (unexpected) => recognition.log.warn({ ...unexpected }, 'hub.unexpected-message'),
    onSetAside: (message) => recognition.log.error({ ...message }, 'hub.message-set-aside'),
  })
  return {
    ended: state.ended,
    async stop() {
      state.draining = true
      leases.drain()
      offerSlots(needs, state, link)
      // Without a decoder no call can be finished here: the calls go to another worker at once.
      if (leases.count() > 0 && !state.enginesDown)
        await idleOrTimeout(state, needs, settings['drain-seconds'] * 1_000)
      leases.giveBack('this worker stops')
      link.stop()
      await state.socketClosed
    },
  }
}

function initialState(): AttachState {
  const { promise: ended, reject: fail } = Promise.withResolvers<never>()
  ended.catch(() => undefined) // A worker that is stopped before anything awaits `ended` must not end the process.
  return {
    ended,
    fail,
    draining: false,
    enginesDown: false,
    socketClosed: Promise.resolve(),
    onIdle: () => undefined,
  }
}

type LinkOptions = Parameters<typeof openLink<HubToWorker, WorkerToHub>>[0]

function connect(
  { identity, settings }: AttachNeeds,
  state: AttachState,
  on: Parameters<LinkOptions['connect']>[0],
): ReturnType<LinkOptions['connect']> {
  const { token, ca } = identity
  const closed = Promise.withResolvers<void>()
  const address = { hub: settings.hub, path: '/link/worker', token, ...(ca ? { ca } : {}) } as const
  const socket = connectSocket(address, {
    ...on,
    close(code, reason) {
      closed.resolve()
      on.close(code, reason)
    },
  })
  state.socketClosed = closed.promise
  return socket
}

function offerSlots(
  { settings, slots, speed, recognition }: AttachNeeds,
  { draining }: AttachState,
  link: Link<WorkerToHub>,
): void {
  link.send({
    kind: 'worker-offer',
    name: settings.name,
    slots: draining ? 0 : slots,
    engine: settings.engine,
    model: recognition.manifest.name,
    device: cpus()[0]?.model.trim().slice(0, 120) ?? 'unknown',
    decoders: settings.decoders,
    speed: Math.round(speed * 100) / 100,
  })
}

function reportClosedLink(
  { recognition }: AttachNeeds,
  { fail }: AttachState,
  link: Parameters<LinkOptions['onState']>[0],
): void {
  const { log } = recognition
  if (link.at === 'waiting' && link.closedAs === 'replaced')
    log.error({ remedy: SHARED_TOKEN }, 'worker.token-shared')
  else if (link.at === 'waiting') log.warn({ why: link.why }, 'hub.away')
  if (link.at === 'refused') fail(new StartupError(`The hub refused this worker: ${link.meaning}`))
}

function idleOrTimeout(state: AttachState, { recognition }: AttachNeeds, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = recognition.clock.after(limitMs, resolve)
    state.onIdle = () => {
      cancel()
      resolve()
    }
  })
}
