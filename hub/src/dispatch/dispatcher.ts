import type {
  CallId,
  LeaseId,
  RecordingId,
  Utterance,
  WorkerId,
  WorkerOffer,
  WorkerToHub,
} from '@3cx-ninja/protocol'
import { createFeed, type Feed } from './feed.ts'
import { planDispatch, type WaitingRecording } from './planDispatch.ts'
import type { Dispatcher, DispatcherNeeds, WorkerLink } from './ports.ts'
import { dispatchTuning } from './tuning.ts'

interface HeldLease {
  readonly leaseId: LeaseId
  readonly recordingId: RecordingId
  readonly callId: CallId
  readonly fence: number
  readonly worker: Worker
  /** offered: the answer is awaited until then; held: renewed or lost by then. */
  at: 'offered' | 'held'
  untilMs: number
  feed: Feed | undefined
}
interface Worker {
  readonly link: WorkerLink
  offer: WorkerOffer | undefined
  streams: number
}

/** Gives recordings to workers by leases, feeds them, and takes their text. A lost lease goes to the next worker. */
export async function openDispatcher(needs: DispatcherNeeds): Promise<Dispatcher> {
  const { recordings, transcripts, clock } = needs
  const tuning = { ...dispatchTuning, ...needs.tuning }
  const tell = needs.onEvent ?? (() => undefined)
  const workers = new Map<WorkerId, Worker>()
  const leases = new Map<RecordingId, HeldLease>()
  const waitingSince = new Map<RecordingId, number>()
  const cooling = new Map<RecordingId, Map<WorkerId, number>>()
  const done = new Set<string>()
  const preparing = new Set<RecordingId>()
  const listeners = new Set<(recordingId: RecordingId, callId: CallId) => void>()
  let stopped = false

  for (const row of await needs.progress.all())
    if (row.doneAtMs !== null || row.erasedAtMs !== null) done.add(row.recordingId)

  const waiting = (): WaitingRecording[] =>
    recordings
      .list()
      .filter(
        ({ recordingId }) =>
          !done.has(recordingId) && !leases.has(recordingId) && !preparing.has(recordingId),
      )
      .map(({ recordingId, sealed }) => {
        const sinceMs = waitingSince.get(recordingId) ?? clock.monotonicMs()
        waitingSince.set(recordingId, sinceMs)
        const cool = [...(cooling.get(recordingId) ?? [])].filter(
          ([, untilMs]) => untilMs > clock.monotonicMs(),
        )
        return { recordingId, live: !sealed, sinceMs, cooling: new Set(cool.map(([workerId]) => workerId)) }
      })
  const leasesOf = (worker: Worker) => [...leases.values()].filter((lease) => lease.worker === worker)

  const plan = () => {
    if (stopped) return
    const places = [...workers.values()].map((worker) => ({
      workerId: worker.link.workerId,
      free: (worker.offer?.places ?? 0) - leasesOf(worker).length,
    }))
    for (const { recordingId, workerId } of planDispatch({ waiting: waiting(), places })) {
      const worker = workers.get(workerId)
      if (!worker) continue
      preparing.add(recordingId)
      offer(recordingId, worker)
        .catch((error: unknown) => tell('lease.failed', { recordingId, error: String(error) }))
        .finally(() => preparing.delete(recordingId))
    }
  }

  const offer = async (recordingId: RecordingId, worker: Worker) => {
    const state = recordings.state(recordingId)
    if (!state) return
    const fence = await needs.progress.nextFence(recordingId, state.callId)
    const resume = await needs.finals.lastFinals(recordingId)
    if (stopped || workers.get(worker.link.workerId) !== worker || leases.has(recordingId)) return
    const leaseId = needs.newId() as LeaseId // newId makes ids
    const held: HeldLease = {
      leaseId,
      recordingId,
      callId: state.callId,
      fence,
      worker,
      at: 'offered',
      untilMs: clock.monotonicMs() + tuning.answerMs,
      feed: undefined,
    }
    leases.set(recordingId, held)
    held.feed = createFeed({
      link: worker.link,
      leaseId,
      recordingId,
      resume,
      recordings,
      tuning,
      nextStream: () => (worker.streams = (worker.streams % 0xffff) + 1),
      onBroken: (error) => {
        tell('feed.failed', { recordingId, error: error.message })
        end(held, 'feed failed', true)
      },
    })
    const { language } = state
    const lease = {
      leaseId,
      recordingId,
      fence,
      ttlMs: needs.leaseMs,
      language,
      live: !state.sealed,
      resume,
      vocabulary: needs.vocabulary,
    }
    worker.link.send({ kind: 'lease-offer', lease, window: tuning.windowRecords })
  }

  const end = (lease: HeldLease, why: string, cool: boolean) => {
    if (leases.get(lease.recordingId) !== lease) return
    leases.delete(lease.recordingId)
    lease.feed?.stop()
    if (cool) {
      const marks = cooling.get(lease.recordingId) ?? new Map<WorkerId, number>()
      cooling.set(
        lease.recordingId,
        marks.set(lease.worker.link.workerId, clock.monotonicMs() + tuning.coolMs),
      )
    }
    tell('lease.ended', {
      recordingId: lease.recordingId,
      workerId: lease.worker.link.workerId,
      fence: lease.fence,
      why,
    })
    plan()
  }

  const revoke = (lease: HeldLease, reason: 'expired' | 'erased', cool: boolean) => {
    lease.worker.link.send({ kind: 'lease-revoked', leaseId: lease.leaseId, reason })
    end(lease, reason, cool)
  }

  const finish = async (lease: HeldLease) => {
    if (!(await needs.progress.done(lease.recordingId, lease.fence))) return end(lease, 'newer-fence', false)
    done.add(lease.recordingId)
    waitingSince.delete(lease.recordingId)
    cooling.delete(lease.recordingId)
    end(lease, 'done', false)
    for (const listener of listeners) listener(lease.recordingId, lease.callId)
  }

  // Finals of one lease are stored in the order in which they were said, and lease-done waits for them.
  const turns = new Map<LeaseId, Promise<unknown>>()
  const inTurn = (leaseId: LeaseId, act: () => Promise<unknown>) => {
    const turn = (turns.get(leaseId) ?? Promise.resolve())
      .then(act)
      .catch((error: unknown) => tell('transcript.failed', { leaseId, error: String(error) }))
    turns.set(leaseId, turn)
    void turn.then(() => {
      if (turns.get(leaseId) === turn) turns.delete(leaseId)
    })
  }

  const accept = async (lease: HeldLease, utterance: Utterance, fence: number, lagMs: number) => {
    const part = recordings
      .state(lease.recordingId)
      ?.parts.find(({ header }) => header.part === utterance.part)
    if (!part || utterance.recordingId !== lease.recordingId) return
    const outcome = await transcripts.accept({
      utterance,
      callId: lease.callId,
      fence,
      partStartedAtMs: part.header.startedAtMs,
    })
    if (outcome === 'stored') needs.onLag?.(lagMs)
    else if (outcome !== 'relayed')
      tell('transcript.dropped', { recordingId: lease.recordingId, fence, outcome })
  }

  const byLeaseId = (worker: Worker, leaseId: LeaseId) => {
    const lease = leasesOf(worker).find((one) => one.leaseId === leaseId)
    if (!lease) worker.link.send({ kind: 'lease-revoked', leaseId, reason: 'unknown-lease' })
    return lease
  }

  const receive = (worker: Worker, message: WorkerToHub) => {
    if (message.kind === 'worker-offer') {
      worker.offer = message
      return plan()
    }
    const lease = byLeaseId(worker, message.leaseId)
    if (!lease) return
    switch (message.kind) {
      case 'lease-accept':
        lease.at = 'held'
        lease.untilMs = clock.monotonicMs() + needs.leaseMs
        lease.feed?.start()
        return tell('lease.taken', {
          recordingId: lease.recordingId,
          workerId: worker.link.workerId,
          fence: lease.fence,
        })
      case 'lease-decline':
        return end(lease, message.reason, true)
      case 'lease-renew':
        lease.untilMs = clock.monotonicMs() + needs.leaseMs
        return worker.link.send({
          kind: 'lease-renewed',
          leaseId: lease.leaseId,
          fence: lease.fence,
          ttlMs: needs.leaseMs,
        })
      case 'lease-return':
        return end(lease, message.reason, true)
      case 'records-taken':
        return lease.feed?.taken(message.part, message.position)
      case 'utterance': {
        const { utterance, fence, lagMs } = message
        return inTurn(lease.leaseId, () => accept(lease, utterance, fence, lagMs))
      }
      case 'lease-done':
        return inTurn(lease.leaseId, () => finish(lease))
    }
  }

  const look = () => {
    for (const lease of [...leases.values()])
      if (clock.monotonicMs() >= lease.untilMs) revoke(lease, 'expired', true)
    plan()
    cancelLook = clock.after(tuning.lookMs, look)
  }
  let cancelLook = clock.after(tuning.lookMs, look)
  const stopListening = recordings.onChange((recordingId) => {
    const lease = leases.get(recordingId)
    if (lease && !recordings.state(recordingId)) revoke(lease, 'erased', false)
    else plan()
  })

  return {
    attach(link) {
      const before = workers.get(link.workerId)
      const worker: Worker = { link, offer: undefined, streams: 0 }
      workers.set(link.workerId, worker)
      if (before) for (const lease of leasesOf(before)) end(lease, 'worker came back', false)
      return {
        message: (message) => receive(worker, message),
        drain() {
          for (const lease of leasesOf(worker)) lease.feed?.drain()
        },
        gone() {
          if (workers.get(link.workerId) === worker) workers.delete(link.workerId)
          for (const lease of leasesOf(worker)) end(lease, 'worker gone', false)
        },
      }
    },
    isDone: (recordingId) => done.has(recordingId),
    onDone(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    places: () => ({
      total: [...workers.values()].reduce((sum, { offer: one }) => sum + (one?.places ?? 0), 0),
      taken: leases.size,
      waiting: waiting().length,
    }),
    workers: () =>
      [...workers.values()].flatMap((worker) =>
        worker.offer
          ? [{ ...worker.offer, workerId: worker.link.workerId, leases: leasesOf(worker).length }]
          : [],
      ),
    stop() {
      stopped = true
      cancelLook()
      stopListening()
      for (const lease of leases.values()) lease.feed?.stop()
      leases.clear()
    },
  }
}
