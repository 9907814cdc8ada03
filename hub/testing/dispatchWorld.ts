import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createFakeClock, type FakeClock } from '../../protocol/testing/fakeClock.ts'
import {
  workerId,
  type CallPhase,
  type HubToWorker,
  type RecordingId,
  type WorkerToHub,
} from '@3cx-ninja/protocol'
import { openDatabase, type Database } from '../src/database/openDatabase.ts'
import { createTranscriptStore } from '../src/database/transcriptStore.ts'
import { openDispatcher } from '../src/dispatch/dispatcher.ts'
import type { Dispatcher, AttachedWorker } from '../src/dispatch/ports.ts'
import type { DispatchTuning } from '../src/dispatch/tuning.ts'
import { createTranscripts, type Transcripts } from '../src/transcripts/transcripts.ts'
import { createFakeWorker, type FakeWorker, type FakeWorkerBehavior } from './fakeWorker.ts'
import { createMemoryRecordings, type MemoryRecordings } from './memoryRecordings.ts'

/** A fake worker on an in-memory link whose messages take time and may be cut off. */
export interface WorldWorker {
  readonly worker: FakeWorker
  /** Bytes that wait in the worker's socket, as the hub sees it. */
  buffered: number
  /** How often the hub has stopped reading the worker's socket and not gone on. */
  held: number
  /** Returns how long a message takes in each direction; the order is kept. */
  delayMs: () => number
  attach(): void
  /** Sends a message that a correct worker would not send. */
  toHub(message: WorkerToHub): void
  /** Lets no message pass any more, unnoticed by either side: a pulled cable. */
  cut(): void
  /** Closes the socket; messages already sent still arrive if `late`. */
  close(late?: boolean): void
  readonly isAttached: boolean
}

export interface StoredFinal {
  readonly recordingId: string
  readonly fence: number
  readonly outcome: string
}

/** Dispatch and transcripts on a real database, with workers and recordings in memory and a fake clock. */
export interface DispatchWorld extends AsyncDisposable {
  readonly clock: FakeClock
  readonly recordings: MemoryRecordings
  readonly database: Database
  readonly transcripts: () => Transcripts
  readonly dispatcher: () => Dispatcher
  readonly events: readonly { readonly event: string; readonly fields: Record<string, unknown> }[]
  readonly finals: readonly StoredFinal[]
  readonly doneReports: readonly RecordingId[]
  /** Makes the store refuse the next `count` finals. */
  failFinals(count: number): void
  addWorker(name: string, behavior?: Partial<FakeWorkerBehavior>): WorldWorker
  restartHub(): Promise<void>
  /** Advances the clock in small steps and lets the database answer after each. */
  pass(ms: number, stepMs?: number): Promise<void>
  /** Resolves with the stored text of one channel of a recording. */
  textOf(recordingId: RecordingId, channel: 'agent' | 'caller'): Promise<string>
}

export async function aDispatchWorld(
  setup: {
    leaseMs?: number
    tuning?: Partial<DispatchTuning>
    phase?: () => CallPhase | undefined
    presumedOver?: () => boolean
  } = {},
): Promise<DispatchWorld> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dispatch-'))
  const clock = createFakeClock()
  const real = await openDatabase({ file: path.join(folder, 'hub.sqlite') })
  let pendingQueries = 0
  const database: Database = {
    ...real,
    run: (name, input) => {
      pendingQueries += 1
      return real.run(name, input).finally(() => (pendingQueries -= 1))
    },
  }
  const recordings = createMemoryRecordings()
  const store = createTranscriptStore(database, clock)
  const events: { event: string; fields: Record<string, unknown> }[] = []
  const finals: StoredFinal[] = []
  const doneReports: RecordingId[] = []
  const workers: { attach(): void; close(): void; isAttached: boolean }[] = []
  let ids = 0
  let failing = 0
  let dispatcher: Dispatcher
  let transcripts: Transcripts

  const startHub = async () => {
    transcripts = createTranscripts({
      ...store,
      async addFinal(line, callId, fence) {
        if (failing > 0) {
          failing -= 1
          throw new Error('database or disk is full')
        }
        const outcome = await store.addFinal(line, callId, fence)
        finals.push({ recordingId: line.recordingId, fence, outcome })
        return outcome
      },
    })
    dispatcher = await openDispatcher({
      recordings,
      transcripts,
      finals: store,
      progress: store,
      clock,
      newId: () => `lease-${String((ids += 1)).padStart(6, '0')}`,
      leaseMs: setup.leaseMs ?? 4_000,
      vocabulary: '',
      phaseOf: () => setup.phase?.(),
      isPresumedOver: () => setup.presumedOver?.() ?? false,
      log: (event, fields) => events.push({ event, fields: { ...fields } }),
      ...(setup.tuning ? { tuning: setup.tuning } : {}),
    })
    dispatcher.onTranscribed((recordingId) => doneReports.push(recordingId))
  }
  await startHub()

  const settle = async () => {
    for (let quiet = 0; quiet < 3;) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      quiet = pendingQueries === 0 ? quiet + 1 : 0
    }
  }

  return {
    clock,
    recordings,
    database,
    transcripts: () => transcripts,
    dispatcher: () => dispatcher,
    events,
    finals,
    doneReports,
    failFinals: (count) => (failing = count),
    addWorker(name, behavior) {
      const id = workerId.parse(name)
      let connection = { up: false, late: false }
      let attached: AttachedWorker | undefined
      const dueMs = { toHub: 0, toWorker: 0 }
      const later = (way: 'toHub' | 'toWorker', act: () => void) => {
        dueMs[way] = Math.max(dueMs[way], clock.monotonicMs() + own.delayMs())
        clock.after(dueMs[way] - clock.monotonicMs(), act)
      }
      const toHub = (message: WorkerToHub) => {
        const on = connection
        const to = attached
        if (on.up) later('toHub', () => (on.up || on.late) && to?.receive(message))
      }
      const worker = createFakeWorker({ clock, name, ...(behavior ? { behavior } : {}), send: toHub })
      const own: WorldWorker = {
        worker,
        buffered: 0,
        held: 0,
        delayMs: () => 5,
        toHub,
        get isAttached() {
          return connection.up
        },
        attach() {
          connection = { up: true, late: false }
          const on = connection
          const down = (act: () => void) => {
            if (on.up) later('toWorker', () => on.up && act())
          }
          attached = dispatcher.attach({
            workerId: id,
            send: (message: HubToWorker) => down(() => worker.message(message)),
            sendBinary: (bytes) => down(() => worker.binary(bytes)),
            bufferedBytes: () => own.buffered,
            hold() {
              own.held += 1
              return () => void (own.held -= 1)
            },
          })
          worker.sendOffer()
        },
        cut: () => void (connection.up = false),
        close(late = false) {
          connection.up = false
          connection.late = late
          attached?.detach()
        },
      }
      workers.push(own)
      return own
    },
    async restartHub() {
      const attached = workers.filter(({ isAttached }) => isAttached)
      await dispatcher.stop()
      for (const one of attached) one.close()
      await startHub()
      for (const one of attached) one.attach()
    },
    async pass(ms, stepMs = 50) {
      await settle()
      for (let at = 0; at < ms; at += stepMs) {
        await clock.advance(Math.min(stepMs, ms - at))
        await settle()
      }
    },
    async textOf(recordingId, channel) {
      const lines = await transcripts.finalsOfRecording(recordingId)
      return lines
        .filter((line) => line.channel === channel)
        .map(({ text }) => text)
        .join(' ')
    },
    async [Symbol.asyncDispose]() {
      await dispatcher.stop()
      await real.close()
      await rm(folder, { recursive: true })
    },
  }
}
