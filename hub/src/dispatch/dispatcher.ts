import type { CallId, LeaseId, RecordingId, WorkerId, WorkerToHub } from '@3cx-ninja/protocol'
import type { RecordingState } from '../recordings/recordingState.ts'
import { createFeed } from './feed.ts'
import { createHeldLeases, type HeldLease, type Worker } from './heldLeases.ts'
import { offeredLease, stepLease, type LeaseEnd, type LeaseEvent } from './leaseMachine.ts'
import { createLeaseText } from './leaseText.ts'
import { planDispatch } from './planDispatch.ts'
import type { Dispatcher, DispatcherNeeds } from './ports.ts'
import { dispatchTuning } from './tuning.ts'
import { createWaitingRoom, isLive } from './waiting.ts'

type FromHolder = Exclude<WorkerToHub, { kind: 'worker-offer' }>

/** Gives recordings to workers by leases, feeds them, and takes their text. A lost lease goes to the next worker. */
export async function openDispatcher(needs: DispatcherNeeds): Promise<Dispatcher> {
  const { recordings, transcripts, clock, leaseMs } = needs
  const tuning = { ...dispatchTuning, ...needs.tuning }
  const tell = needs.onEvent ?? (() => undefined)
  const nowMs = () => clock.monotonicMs()
  const workers = new Map<WorkerId, Worker>()
  const held = createHeldLeases(tuning.endedRemembered)
  const isOn = (recording: RecordingState) => isLive(recording, needs.phaseOf?.(recording.callId))
  const isBrokenOff = ({ sealed, callId }: RecordingState) =>
    !sealed && needs.isPresumedOver?.(callId) === true
  const stateOf = (id: RecordingId) => recordings.state(id)
  const room = createWaitingRoom({ state: stateOf, isLive: isOn, isBrokenOff, nowMs, tuning })
  const preparing = new Map<RecordingId, Worker>()
  const done = new Set<string>()
  const listeners = new Set<(recordingId: RecordingId, callId: CallId) => void>()
  const inFlight = new Set<Promise<unknown>>()
  let stopped = false
  let planned = false

  for (const row of await needs.progress.all())
    if (row.doneAtMs !== null || row.erasedAtMs !== null) done.add(row.recordingId)
  for (const { recordingId } of recordings.list()) if (!done.has(recordingId)) room.enter(recordingId)

  const isTaken = (id: RecordingId) => held.of(id) !== undefined || preparing.has(id)
  const freeOf = (worker: Worker) => {
    if (!worker.offer || worker.silent) return 0
    const coming = [...preparing.values()].filter((one) => one === worker).length
    return worker.offer.slots - held.by(worker).length - coming
  }

  const plan = () => {
    planned = false
    if (stopped) return
    const places = [...workers.values()].map((worker) => ({
      workerId: worker.link.workerId,
      free: freeOf(worker),
    }))
    if (!places.some(({ free }) => free > 0)) return
    const waiting = room.wanting(isTaken)
    const { liveHeadStartMs } = tuning
    for (const { recordingId, workerId } of planDispatch({ waiting, places, liveHeadStartMs })) {
      const worker = workers.get(workerId)
      if (!worker) continue
      preparing.set(recordingId, worker)
      const offering = offer(recordingId, worker)
        .catch((error: unknown) => {
          tell('lease.failed', { recordingId, error: String(error) })
          room.leaseEnded(recordingId, workerId, 'broken')
        })
        .finally(() => {
          preparing.delete(recordingId)
          inFlight.delete(offering)
        })
      inFlight.add(offering)
    }
  }
  const planSoon = () => {
    if (planned) return
    planned = true
    queueMicrotask(plan)
  }

  const offer = async (recordingId: RecordingId, worker: Worker) => {
    const before = recordings.state(recordingId)
    if (!before) return
    const callId = needs.callOf?.(before.callId) ?? before.callId
    // The fence first: from then on nothing of an older lease is stored, so the last finals stay the last ones.
    const fence = await needs.progress.nextFence(recordingId, callId)
    const resume = await needs.finals.lastFinals(recordingId)
    const state = recordings.state(recordingId)
    if (stopped || !state || workers.get(worker.link.workerId) !== worker) return planSoon()
    const leaseId = needs.newId() as LeaseId // newId makes ids
    const { language } = state
    const lease: HeldLease = {
      leaseId,
      recordingId,
      callId,
      fence,
      worker,
      state: offeredLease({ fence, ttlMs: leaseMs, nowMs: nowMs() }),
      progressMs: nowMs(),
      turn: Promise.resolve(),
      failed: false,
      feed: createFeed({
        link: worker.link,
        leaseId,
        recordingId,
        resume,
        recordings,
        clock,
        tuning,
        nextStream: () => (worker.streams = (worker.streams % 0xffff) + 1),
        onBroken(error) {
          tell('feed.failed', { recordingId, error: error.message })
          step(lease, { kind: 'end', how: 'broken' })
        },
      }),
    }
    held.add(lease)
    const terms = { ttlMs: leaseMs, language, live: isOn(state), resume, vocabulary: needs.vocabulary }
    const window = tuning.windowRecords
    worker.link.send({ kind: 'lease-offer', lease: { leaseId, recordingId, fence, ...terms }, window })
  }

  const step = (lease: HeldLease, event: LeaseEvent) => {
    const { fence, leaseId, worker } = lease
    const wasOver = lease.state.at === 'over'
    const { state, tell: told } = stepLease(lease.state, event, { fence, ttlMs: leaseMs, nowMs: nowMs() })
    lease.state = state
    if (told === 'renewed') worker.link.send({ kind: 'lease-renewed', leaseId, fence, ttlMs: leaseMs })
    else if (told) worker.link.send({ kind: 'lease-revoked', leaseId, reason: told })
    if (state.at === 'over' && !wasOver) close(lease, state.how)
    return state
  }

  const close = (lease: HeldLease, how: LeaseEnd) => {
    const { recordingId, worker, fence } = lease
    const { workerId } = worker.link
    held.remove(lease, how)
    lease.feed.stop()
    if (how === 'expired' || how === 'unanswered') worker.silent = true
    if (how === 'done' || how === 'erased') room.leave(recordingId)
    else room.leaseEnded(recordingId, workerId, how)
    if (how !== 'done') transcripts.withdraw(recordingId)
    tell('lease.ended', { recordingId, workerId, fence, how })
    planSoon()
  }

  const text = createLeaseText({
    ...needs,
    onFailed: (lease) => void step(lease, { kind: 'end', how: 'broken' }),
    onStored: ({ recordingId }) => room.progressed(recordingId),
  })

  const finish = async (lease: HeldLease) => {
    const { recordingId, callId, fence } = lease
    const newest = await needs.progress.done(recordingId, fence)
    if (newest) done.add(recordingId)
    const state = step(lease, { kind: 'stored', newest })
    if (state.at === 'over' && state.how === 'done')
      for (const listener of listeners) listener(recordingId, callId)
  }

  const receive = (worker: Worker, message: WorkerToHub) => {
    worker.silent = false
    if (message.kind === 'worker-offer') {
      worker.offer = message
      return planSoon()
    }
    const { leaseId } = message
    const lease = held.find(worker, leaseId)
    if (lease) return receiveOf(lease, message)
    worker.link.send({ kind: 'lease-revoked', leaseId, reason: held.whyOver(leaseId) })
  }

  const receiveOf = (lease: HeldLease, message: FromHolder) => {
    const { recordingId, fence } = lease
    const { workerId } = lease.worker.link
    const isHeld = lease.state.at === 'held'
    switch (message.kind) {
      case 'lease-accept':
        if (lease.state.at !== 'offered') return
        step(lease, { kind: 'accept' })
        lease.progressMs = nowMs()
        lease.feed.start()
        return tell('lease.taken', { recordingId, workerId, fence })
      case 'lease-decline':
        return void step(lease, { kind: 'decline' })
      case 'lease-renew':
        return void step(lease, { kind: 'renew', fence: message.fence })
      case 'lease-return':
        // What it said before counts, and the next holder goes on behind it.
        return text.inTurn(lease, async () => void step(lease, { kind: 'return', fence: message.fence }))
      case 'records-acknowledged':
        if (lease.feed.taken(message.part, message.position)) lease.progressMs = nowMs()
        if (!lease.feed.isBrokenOff()) return
        // It has said everything; the next holder goes on behind it, if more comes.
        return text.inTurn(lease, async () => void step(lease, { kind: 'end', how: 'broken-off' }))
      case 'utterance':
        if (message.fence !== fence || !isHeld)
          return tell('transcript.dropped', { recordingId, fence, outcome: 'not-held' })
        lease.progressMs = nowMs()
        return text.inTurn(lease, () => text.accept(lease, message.utterance, message.lagMs))
      case 'lease-done': {
        const whole = lease.feed.isWhole() && recordings.state(recordingId)?.sealed === true
        const state = step(lease, { kind: 'done', fence: message.fence, whole })
        if (isHeld && state.at === 'finishing') text.inTurn(lease, () => finish(lease))
      }
    }
  }

  const look = () => {
    const startedMs = nowMs()
    for (const lease of held.all()) {
      step(lease, { kind: 'tick' })
      lease.feed.drain()
      breakOff(lease)
      const active = Math.max(lease.progressMs, lease.feed.sentMs())
      const owes = lease.feed.ahead() > 0 || lease.feed.isWhole() || lease.feed.isBrokenOff()
      if (lease.state.at === 'held' && owes && startedMs - active >= tuning.stuckMs)
        step(lease, { kind: 'end', how: 'stuck' })
    }
    const places = [...workers.values()].map(freeOf)
    if (places.length > 0 && places.every((free) => free <= 0)) makeRoom(room.wanting(isTaken).length)
    planSoon()
    cancelLook = clock.after(tuning.lookMs, look)
  }
  /** An agent that died in mid-call seals nothing: its last words must not stay a partial. */
  const breakOff = ({ state: { at }, recordingId, feed }: HeldLease) => {
    const recording = recordings.state(recordingId)
    if (at !== 'held' || feed.ahead() > 0 || nowMs() - feed.sentMs() < tuning.brokenOffMs) return
    if (recording && isBrokenOff(recording) && feed.breakOff()) room.brokenOff(recordingId)
  }
  /** Takes places back from recordings that stopped growing without a seal: an agent that is off the network. */
  const makeRoom = (wanted: number) => {
    const quiet = held
      .all()
      .filter(
        ({ state, recordingId, feed }) =>
          state.at === 'held' &&
          nowMs() - feed.sentMs() >= tuning.quietMs &&
          feed.ahead() === 0 &&
          recordings.state(recordingId)?.sealed === false,
      )
      .sort((a, b) => a.feed.sentMs() - b.feed.sentMs())
    for (const lease of quiet.slice(0, wanted)) step(lease, { kind: 'end', how: 'quiet' })
  }
  let cancelLook = clock.after(tuning.lookMs, look)

  const stopListening = recordings.onChange((recordingId) => {
    const gone = !recordings.state(recordingId)
    if (gone) room.leave(recordingId)
    else if (!done.has(recordingId)) room.enter(recordingId)
    const lease = held.of(recordingId)
    if (lease && gone) step(lease, { kind: 'end', how: 'erased' })
    planSoon()
  })

  const leave = (worker: Worker) => {
    if (workers.get(worker.link.workerId) === worker) workers.delete(worker.link.workerId)
    for (const lease of held.by(worker)) step(lease, { kind: 'end', how: 'gone' })
  }

  return {
    attach(link) {
      const before = workers.get(link.workerId)
      if (before) leave(before)
      const worker: Worker = { link, offer: undefined, streams: 0, silent: false }
      workers.set(link.workerId, worker)
      return {
        message: (message) => receive(worker, message),
        drain() {
          for (const lease of held.by(worker)) lease.feed.drain()
        },
        gone: () => leave(worker),
      }
    },
    isDone: (recordingId) => done.has(recordingId),
    forget(recordingIds) {
      for (const recordingId of recordingIds) done.delete(recordingId)
    },
    onDone(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    places() {
      const waiting = room.wanting(isTaken)
      return {
        total: [...workers.values()].reduce((sum, { offer: one }) => sum + (one?.slots ?? 0), 0),
        taken: held.all().length,
        waiting: waiting.length,
        deferred: waiting.filter(({ live }) => live).length,
        oldestWaitMs: waiting.reduce((oldest, { sinceMs }) => Math.max(oldest, nowMs() - sinceMs), 0),
      }
    },
    workers: () =>
      [...workers.values()].flatMap((worker) => {
        const { workerId } = worker.link
        return worker.offer ? [{ ...worker.offer, workerId, leases: held.by(worker).length }] : []
      }),
    async stop() {
      stopped = true
      cancelLook()
      stopListening()
      for (const { feed } of held.all()) feed.stop()
      await Promise.allSettled([...inFlight])
      await text.settled()
    },
  }
}
