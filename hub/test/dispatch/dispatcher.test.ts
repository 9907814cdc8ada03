import { describe, expect, it } from 'vitest'
import { recordingId, utteranceId, type RecordingId } from '@3cx-ninja/protocol'
import { dispatchTuning } from '../../src/dispatch/tuning.ts'
import { aDispatchWorld, type DispatchWorld } from '../../testing/dispatchWorld.ts'
import { aPart, spokenRecords } from '../../testing/memoryRecordings.ts'

const id = (name: string) => recordingId.parse(name)
const spoken = (channel: 'a' | 'c', count: number) =>
  Array.from({ length: count }, (_, n) => `${channel}${n}`).join(' ')

/** Stores a recording of so many ticks of 100 ms, sealed unless `seal` is false. */
function record(world: DispatchWorld, name: string, ticks: number, seal = true): RecordingId {
  const header = aPart(name)
  world.recordings.open(header)
  for (let n = 0; n < ticks; n++) world.recordings.append(id(name), 1, spokenRecords(header, n, n))
  if (seal) world.recordings.seal(id(name))
  return id(name)
}
/** Lets a call go on: one tick each 100 ms of the fake clock. */
async function talk(world: DispatchWorld, name: string, fromTick: number, ticks: number) {
  for (let n = fromTick; n < fromTick + ticks; n++) {
    world.recordings.append(id(name), 1, spokenRecords(aPart(name), n, n))
    await world.pass(100)
  }
}
const offersTo = (worker: { messages: readonly { kind: string }[] }) =>
  worker.messages.filter(({ kind }) => kind === 'lease-offer').length

describe('the dispatcher', () => {
  it('[W5] leases a finished recording to a worker and stores its whole text', async () => {
    await using world = await aDispatchWorld()
    const recording = record(world, 'recording-1', 57)
    world.addWorker('worker-01').attach()
    await world.pass(1_000)
    expect(world.doneReports).toEqual([recording])
    expect(world.dispatcher().isTranscribed(recording)).toBe(true)
    expect(await world.textOf(recording, 'agent')).toBe(spoken('a', 57))
    expect(await world.textOf(recording, 'caller')).toBe(spoken('c', 57))
  })

  it.each([
    { phase: 'talking', live: true },
    { phase: 'held', live: true },
    { phase: undefined, live: true },
    { phase: 'wrap-up', live: false },
    { phase: 'done', live: false },
  ] as const)(
    'offers a growing recording as live: $live when its call is $phase',
    async ({ phase, live }) => {
      await using world = await aDispatchWorld({ phase: () => phase })
      record(world, 'recording-1', 20, false)
      const { worker, attach } = world.addWorker('worker-01')
      attach()
      await world.pass(100)
      expect(worker.messages.find(({ kind }) => kind === 'lease-offer')).toMatchObject({ lease: { live } })
    },
  )

  it('counts a recording that still arrives as deferred only while its call is active', async () => {
    let phase: 'done' | 'talking' = 'done'
    await using world = await aDispatchWorld({ phase: () => phase })
    record(world, 'recording-1', 20, false)
    await world.pass(1_000)
    expect(world.dispatcher().slots()).toMatchObject({ waiting: 1, deferred: 0 })
    phase = 'talking'
    expect(world.dispatcher().slots()).toMatchObject({ waiting: 1, deferred: 1 })
  })

  it('[W5] transcribes a call while it goes on, over a second part', async () => {
    await using world = await aDispatchWorld()
    record(world, 'recording-1', 0, false)
    world.addWorker('worker-01').attach()
    await talk(world, 'recording-1', 0, 25)
    expect(await world.textOf(id('recording-1'), 'caller')).toBe(spoken('c', 20))
    const second = aPart('recording-1', 2, 50)
    world.recordings.open(second)
    for (let n = 0; n < 12; n++) {
      world.recordings.append(id('recording-1'), 2, spokenRecords(second, n, 25 + n))
      await world.pass(100)
    }
    world.recordings.seal(id('recording-1'))
    await world.pass(500)
    expect(world.doneReports).toEqual([id('recording-1')])
    expect(await world.textOf(id('recording-1'), 'caller')).toBe(spoken('c', 37))
  })

  it('[W3] moves a call to another worker within 5 s when the first one’s cable is pulled, without a gap in the text', async () => {
    await using world = await aDispatchWorld()
    record(world, 'recording-1', 0, false)
    const first = world.addWorker('worker-01', { slots: 9 })
    const second = world.addWorker('worker-02', { slots: 1 })
    first.attach()
    second.attach()
    await talk(world, 'recording-1', 0, 33)
    expect(first.worker.leases()).toHaveLength(1)
    first.cut()
    await talk(world, 'recording-1', 33, 50)
    expect(second.worker.leases()).toHaveLength(1)
    await talk(world, 'recording-1', 83, 20)
    world.recordings.seal(id('recording-1'))
    await world.pass(500)
    expect(await world.textOf(id('recording-1'), 'agent')).toBe(spoken('a', 103))
    expect(await world.textOf(id('recording-1'), 'caller')).toBe(spoken('c', 103))
  })

  it('offers the call to another worker at once when the socket of the first closes', async () => {
    await using world = await aDispatchWorld()
    record(world, 'recording-1', 30, false)
    const first = world.addWorker('worker-01', { slots: 9 })
    const second = world.addWorker('worker-02', { slots: 1 })
    first.attach()
    second.attach()
    await world.pass(300)
    first.close()
    await world.pass(100)
    expect(second.worker.leases()).toHaveLength(1)
  })

  it('withdraws the open partial of a worker whose link ended', async () => {
    await using world = await aDispatchWorld()
    const utterances: string[] = []
    world.transcripts().onUtterance((_, { channel, state, text }) => {
      if (channel === 'agent') utterances.push(`${state} ${text}`)
    })
    const recording = record(world, 'recording-1', 7, false)
    const worker = world.addWorker('worker-01')
    worker.attach()
    await world.pass(300)
    const { callId } = aPart('recording-1')
    expect(world.transcripts().recent(callId)).toHaveLength(2)
    worker.close()
    await world.pass(100)
    expect(utterances).toEqual(['partial a0 a1 a2 a3 a4', 'partial '])
    expect(world.transcripts().recent(callId)).toEqual([])
    expect(world.dispatcher().isTranscribed(recording)).toBe(false)
  })

  it('[W4] drops the text of an older holder after a newer lease, and sends it the reason', async () => {
    await using world = await aDispatchWorld()
    record(world, 'recording-1', 0, false)
    const slow = world.addWorker('worker-01', { slots: 9 })
    const other = world.addWorker('worker-02', { slots: 1 })
    slow.attach()
    other.attach()
    await talk(world, 'recording-1', 0, 8)
    slow.delayMs = () => 6_000 // its messages arrive, but after its lease
    await talk(world, 'recording-1', 8, 130)
    world.recordings.seal(id('recording-1'))
    await world.pass(10_000)
    expect(await world.textOf(id('recording-1'), 'agent')).toBe(spoken('a', 138))
    expect(world.doneReports).toEqual([id('recording-1')])
    const reasons = slow.worker.messages.flatMap((one) => (one.kind === 'lease-revoked' ? [one.reason] : []))
    expect(reasons).toContain('newer-fence')
  })

  it('keeps the fence over a restart of the hub and drops finals of an older fence', async () => {
    await using world = await aDispatchWorld()
    record(world, 'recording-1', 25, false)
    const worker = world.addWorker('worker-01')
    worker.attach()
    await world.pass(300)
    const before = worker.worker.leases()[0]!
    expect(before.fence).toBe(1)
    await world.restartHub()
    await world.pass(300)
    const after = worker.worker.leases().find(({ leaseId }) => leaseId !== before.leaseId)!
    expect(after.fence).toBe(2)
    expect(after.resume.agent).toMatchObject({ part: 1, toMs: 2_000 })
    const outcome = await world.transcripts().accept({
      utterance: {
        utteranceId: utteranceId.parse('an-old-final'),
        recordingId: id('recording-1'),
        channel: 'agent',
        part: 1,
        state: 'final',
        fromMs: 2_000,
        toMs: 2_500,
        text: 'too late',
        words: [],
      },
      callId: aPart('recording-1').callId,
      fence: before.fence,
      partStartedAtMs: 0,
    })
    expect(outcome).toBe('old-fence')
  })

  it('[W6] sends a stalled worker no more than the window, and goes on when it acknowledges records', async () => {
    await using world = await aDispatchWorld({ tuning: { windowRecords: 150, unmovedMs: 300_000 } })
    record(world, 'recording-1', 1_000)
    const link = world.addWorker('worker-01', { stalled: true, behind: true })
    link.attach()
    await world.pass(60_000, 500)
    const { leaseId } = link.worker.leases()[0]!
    expect(link.worker.recordsReceived(leaseId)).toBe(150)
    link.worker.behavior.stalled = false
    link.toHub({ kind: 'records-acknowledged', leaseId, part: 1, position: 150 })
    await world.pass(1_000)
    expect(world.doneReports).toEqual([id('recording-1')])
  })

  it('sends nothing while the worker’s socket is full, and goes on when the socket has drained', async () => {
    await using world = await aDispatchWorld()
    const recording = record(world, 'recording-1', 200)
    const link = world.addWorker('worker-01')
    link.buffered = 2_000_000
    link.attach()
    await world.pass(1_000)
    expect(link.worker.recordsReceived(link.worker.leases()[0]!.leaseId)).toBe(0)
    link.buffered = 0
    await world.pass(1_000)
    expect(world.doneReports).toEqual([recording])
  })

  it('[W10] takes the calls of a worker that renews but takes nothing away within seconds, and asks it last for the next ones', async () => {
    await using world = await aDispatchWorld({ tuning: { windowRecords: 50 } })
    const recordings = [1, 2, 3].map((n) => record(world, `recording-${n}`, 100))
    const idle = world.addWorker('worker-01', { slots: 9, stalled: true })
    idle.attach()
    await world.pass(2_000, 250)
    expect(idle.worker.leases()).toHaveLength(3)
    const other = world.addWorker('worker-02', { slots: 4 })
    other.attach()
    await world.pass(12_000, 250)
    expect([...world.doneReports].sort()).toEqual(recordings)
    expect(await world.textOf(recordings[0]!, 'agent')).toBe(spoken('a', 100))
    expect(world.dispatcher().failing()).toMatchObject([{ workerId: 'worker-01', how: 'stuck', level: 3 }])
    const offered = offersTo(idle.worker)
    record(world, 'recording-4', 100)
    await world.pass(1_000)
    expect(world.doneReports).toHaveLength(4)
    expect(offersTo(idle.worker)).toBe(offered)
    await world.pass(5 * 60_000, 5_000)
    expect(world.dispatcher().failing()).toEqual([])
  })

  it('[W10] leaves a slow worker its call while it says that it is behind, but not for ever', async () => {
    await using world = await aDispatchWorld({ tuning: { stuckMs: 60_000, windowRecords: 50 } })
    const recording = record(world, 'recording-1', 100)
    const slow = world.addWorker('worker-01', { slots: 9, stalled: true, behind: true })
    slow.attach()
    await world.pass(1_000)
    const [lease] = slow.worker.leases()
    if (lease) slow.toHub({ kind: 'records-acknowledged', leaseId: lease.leaseId, part: 1, position: 2 })
    const other = world.addWorker('worker-02', { slots: 1 })
    other.attach()
    await world.pass(55_000, 250)
    expect(slow.worker.leases()).toHaveLength(1)
    await world.pass(10_000, 250)
    expect(world.doneReports).toEqual([recording])
  })

  it('[W10] takes a call away within half a minute from a worker that says it is behind and has read nothing of it', async () => {
    await using world = await aDispatchWorld({ tuning: { windowRecords: 50 } })
    const recording = record(world, 'recording-1', 100)
    const silent = { stalled: true, behind: true, recordsPerFinal: 10_000 }
    const lying = world.addWorker('worker-01', { slots: 9, ...silent })
    lying.attach()
    await world.pass(1_000)
    world.addWorker('worker-02', { slots: 1 }).attach()
    await world.pass(32_000, 250)
    expect(world.doneReports).toEqual([recording])
  })

  it('[W12] relays a worker’s partials no faster than people read, and stops reading a worker whose text waits', async () => {
    await using world = await aDispatchWorld({ tuning: { maxStoring: 100 } })
    const recording = record(world, 'recording-1', 8, false)
    const link = world.addWorker('worker-01')
    link.attach()
    await world.pass(100)
    const [lease] = link.worker.leases()
    if (!lease) throw new Error('no lease')
    let relayed = 0
    world.transcripts().onUtterance(() => (relayed += 1))
    const say = (number: number, state: 'partial' | 'final') =>
      link.toHub({
        kind: 'utterance',
        leaseId: lease.leaseId,
        fence: lease.fence,
        lagMs: 0,
        utterance: {
          utteranceId: utteranceId.parse(`flood-${state}-${number.toFixed(0).padStart(4, '0')}`),
          recordingId: recording,
          channel: 'agent',
          part: 1,
          state,
          fromMs: number,
          toMs: number + 1,
          text: 'x',
          words: [],
        },
      })
    for (let number = 0; number < 1_000; number += 1) say(number, 'partial')
    await world.pass(100)
    expect(relayed).toBeLessThanOrEqual(dispatchTuning.partials.atOnce + dispatchTuning.partials.perSecond)
    for (let number = 0; number < 300; number += 1) say(number, 'final')
    await world.clock.advance(10)
    expect(link.held).toBe(1)
    await world.pass(1_000)
    expect(link.held).toBe(0)
  })

  it('[W10] never takes a call away from a worker that makes progress, however slow', async () => {
    await using world = await aDispatchWorld({ tuning: { windowRecords: 50 } })
    const recording = record(world, 'recording-1', 200)
    const slow = world.addWorker('worker-01', { slots: 1, stalled: true })
    slow.attach()
    world.addWorker('worker-02', { slots: 1 }).attach()
    await world.pass(500)
    const [lease] = [...slow.worker.leases()]
    if (!lease) return expect(slow.worker.leases()).toHaveLength(1)
    for (let position = 1; position <= 20; position += 1) {
      slow.toHub({ kind: 'records-acknowledged', leaseId: lease.leaseId, part: 1, position })
      await world.pass(9_000, 500)
    }
    expect(slow.worker.leases()).toMatchObject([{ recordingId: recording }])
    expect(world.dispatcher().failing()).toEqual([])
  })

  it('offers a declined recording to the same worker again only after the cooldown', async () => {
    await using world = await aDispatchWorld()
    record(world, 'recording-1', 10)
    const first = world.addWorker('worker-01', { slots: 9, declines: true })
    first.attach()
    await world.pass(2_500)
    expect(offersTo(first.worker)).toBe(1)
    await world.pass(1_000)
    expect(offersTo(first.worker)).toBe(2)
  })

  it('offers nothing more to a worker that does not answer, until its next message', async () => {
    await using world = await aDispatchWorld()
    const worker = world.addWorker('worker-01', { slots: 2 })
    worker.attach()
    await world.pass(100)
    worker.worker.behavior.frozen = true
    record(world, 'recording-1', 10)
    await world.pass(5_000)
    const other = record(world, 'recording-2', 10)
    await world.pass(10_000)
    expect(world.dispatcher().slots()).toMatchObject({ used: 0 })
    worker.worker.behavior.frozen = false
    worker.worker.sendOffer()
    await world.pass(4_000)
    expect(world.doneReports).toContain(other)
  })

  it('[W9] revokes the lease of an erased recording and offers it to no other worker', async () => {
    await using world = await aDispatchWorld()
    const recording = record(world, 'recording-1', 20, false)
    const { worker, ...link } = world.addWorker('worker-01')
    link.attach()
    await world.pass(300)
    world.recordings.remove(recording)
    await world.pass(1_000)
    expect(worker.messages.at(-1)).toMatchObject({ kind: 'lease-revoked', reason: 'erased' })
    expect(world.dispatcher().slots()).toMatchObject({ used: 0, waiting: 0 })
  })

  it('[W1] lets a draining worker finish its leases and offers it nothing new', async () => {
    await using world = await aDispatchWorld()
    record(world, 'recording-1', 5, false)
    const { worker, ...link } = world.addWorker('worker-01')
    link.attach()
    await world.pass(300)
    worker.behavior.slots = 0
    worker.sendOffer()
    await world.pass(100)
    record(world, 'recording-2', 10)
    world.recordings.seal(id('recording-1'))
    await world.pass(1_000)
    expect(world.doneReports).toEqual([id('recording-1')])
    expect(world.dispatcher().slots()).toMatchObject({ total: 0, waiting: 1, deferred: 0 })
  })

  it('[W8] goes on after the last final when a worker returns a lease', async () => {
    await using world = await aDispatchWorld()
    record(world, 'recording-1', 34, false)
    const first = world.addWorker('worker-01', { slots: 2 })
    const second = world.addWorker('worker-02', { slots: 1 })
    first.attach()
    second.attach()
    await world.pass(300)
    first.worker.returnLease(first.worker.leases()[0]!.leaseId)
    world.recordings.seal(id('recording-1'))
    await world.pass(1_000)
    expect(await world.textOf(id('recording-1'), 'caller')).toBe(spoken('c', 34))
  })

  it('counts the calls that wait for a slot, and transcribes them as slots come free', async () => {
    await using world = await aDispatchWorld()
    for (const name of ['recording-1', 'recording-2', 'recording-3']) record(world, name, 0, false)
    record(world, 'recording-4', 10)
    world.addWorker('worker-01', { slots: 1 }).attach()
    await world.pass(2_000)
    expect(world.dispatcher().slots()).toMatchObject({ total: 1, used: 1, waiting: 3, deferred: 2 })
    expect(world.dispatcher().slots().oldestWaitMs).toBeGreaterThanOrEqual(1_900)
    for (const name of ['recording-1', 'recording-2', 'recording-3']) world.recordings.seal(id(name))
    await world.pass(2_000)
    expect(world.doneReports).toHaveLength(4)
    expect(world.dispatcher().slots()).toMatchObject({ used: 0, waiting: 0, oldestWaitMs: 0 })
  })

  it('frees the slot of a recording that stopped growing when another call needs it, and leases it again once it grows', async () => {
    await using world = await aDispatchWorld()
    record(world, 'recording-1', 10, false)
    world.addWorker('worker-01', { slots: 1 }).attach()
    await world.pass(40_000, 500)
    expect(world.dispatcher().slots()).toMatchObject({ used: 1 })
    const finished = record(world, 'recording-2', 10)
    await world.pass(2_000)
    expect(world.doneReports).toEqual([finished])
    expect(world.dispatcher().slots()).toMatchObject({ used: 0, waiting: 0 })
    await talk(world, 'recording-1', 10, 15)
    world.recordings.seal(id('recording-1'))
    await world.pass(1_000)
    expect(await world.textOf(id('recording-1'), 'agent')).toBe(spoken('a', 25))
  })

  it('[W5] makes the last words final when the agent died in mid-call, and goes on after them if the agent comes back', async () => {
    let presumed = false
    await using world = await aDispatchWorld({ presumedOver: () => presumed })
    record(world, 'recording-1', 25, false)
    world.addWorker('worker-01', { slots: 1 }).attach()
    await world.pass(60_000, 500)
    expect(await world.textOf(id('recording-1'), 'caller')).toBe(spoken('c', 20))
    presumed = true
    await world.pass(3_000)
    expect(await world.textOf(id('recording-1'), 'caller')).toBe(spoken('c', 25))
    expect(await world.textOf(id('recording-1'), 'agent')).toBe(spoken('a', 25))
    expect(world.dispatcher().slots()).toMatchObject({ used: 0, waiting: 0 })
    expect(world.doneReports).toEqual([])
    presumed = false
    await talk(world, 'recording-1', 25, 15)
    world.recordings.seal(id('recording-1'))
    await world.pass(1_000)
    expect(await world.textOf(id('recording-1'), 'caller')).toBe(spoken('c', 40))
    expect(world.doneReports).toEqual([id('recording-1')])
  })

  it('[W5] asks once more for the last words of a call presumed over whose slot had been freed, and then not again', async () => {
    let presumed = false
    await using world = await aDispatchWorld({ presumedOver: () => presumed })
    record(world, 'recording-1', 15, false)
    const { worker, attach } = world.addWorker('worker-01', { slots: 1 })
    attach()
    await world.pass(40_000, 500)
    record(world, 'recording-2', 10)
    await world.pass(2_000)
    expect(world.dispatcher().slots()).toMatchObject({ used: 0, waiting: 0 })
    presumed = true
    await world.pass(4_000)
    expect(await world.textOf(id('recording-1'), 'caller')).toBe(spoken('c', 15))
    await world.pass(60_000, 500)
    expect(offersTo(worker)).toBe(3)
  })

  it('[W5] loses no record that arrives while a call presumed over is being made final', async () => {
    let presumed = false
    await using world = await aDispatchWorld({ presumedOver: () => presumed })
    record(world, 'recording-1', 25, false)
    const one = world.addWorker('worker-01', { slots: 1 })
    one.delayMs = () => 400
    one.attach()
    await world.pass(8_000)
    presumed = true
    for (let n = 25; one.worker.messages.every(({ kind }) => kind !== 'part-ends'); n++) {
      expect(n).toBeLessThan(26)
      await world.pass(2_500)
    }
    world.recordings.append(id('recording-1'), 1, spokenRecords(aPart('recording-1'), 25, 25))
    await world.pass(10_000)
    expect(await world.textOf(id('recording-1'), 'caller')).toBe(spoken('c', 26))
  })

  it('loses no text when the disk refuses a final: the next lease goes on after the last stored final', async () => {
    await using world = await aDispatchWorld()
    const recording = record(world, 'recording-1', 95)
    world.failFinals(1)
    world.addWorker('worker-01').attach()
    world.addWorker('worker-02').attach()
    await world.pass(6_000)
    expect(world.events.some(({ event }) => event === 'transcript.failed')).toBe(true)
    expect(world.doneReports).toEqual([recording])
    expect(await world.textOf(recording, 'agent')).toBe(spoken('a', 95))
    expect(await world.textOf(recording, 'caller')).toBe(spoken('c', 95))
  })

  it('revokes the lease of a worker that reports done while the call is active', async () => {
    await using world = await aDispatchWorld()
    const recording = record(world, 'recording-1', 5, false)
    const { worker, ...link } = world.addWorker('worker-01')
    link.attach()
    await world.pass(300)
    const { leaseId, fence } = worker.leases()[0]!
    link.toHub({ kind: 'lease-done', leaseId, fence })
    await world.pass(300)
    expect(world.dispatcher().isTranscribed(recording)).toBe(false)
    expect(world.doneReports).toEqual([])
    expect(worker.messages).toContainEqual({ kind: 'lease-revoked', leaseId, reason: 'expired' })
    world.recordings.seal(recording)
    await world.pass(5_000)
    expect(await world.textOf(recording, 'agent')).toBe(spoken('a', 5))
  })

  it('drops a final of another recording than the leased one', async () => {
    await using world = await aDispatchWorld()
    record(world, 'recording-1', 5, false)
    const other = record(world, 'recording-2', 5, false)
    const { worker, ...link } = world.addWorker('worker-01', { slots: 1 })
    link.attach()
    await world.pass(300)
    const { leaseId, fence } = worker.leases()[0]!
    const utterance = {
      utteranceId: utteranceId.parse('foreign-utterance'),
      recordingId: other,
      channel: 'agent' as const,
      part: 1,
      state: 'final' as const,
      fromMs: 0,
      toMs: 500,
      text: 'not mine',
      words: [],
    }
    link.toHub({ kind: 'utterance', leaseId, fence, utterance, lagMs: 0 })
    await world.pass(300)
    expect(await world.textOf(other, 'agent')).toBe('')
    expect(world.events.at(-1)).toMatchObject({ event: 'transcript.dropped', fields: { outcome: 'foreign' } })
  })

  it('backs off longer each time from a recording that breaks every holder', async () => {
    await using world = await aDispatchWorld()
    record(world, 'recording-1', 5, false)
    const worker = world.addWorker('worker-01')
    let attempts = 0
    for (let at = 0; at < 600; at++) {
      if (!worker.isAttached) worker.attach()
      await world.pass(100, 100)
      if (worker.worker.leases().length === 0) continue
      attempts += 1
      worker.close() // it crashes whenever it touches this recording
      for (const { leaseId } of worker.worker.leases()) worker.worker.returnLease(leaseId)
    }
    expect(attempts).toBeGreaterThan(3)
    expect(attempts).toBeLessThan(12)
  })

  it('leases 200 calls to workers at once and stores the whole text of each', async () => {
    await using world = await aDispatchWorld()
    for (let n = 0; n < 4; n++) world.addWorker(`worker-0${n}`, { slots: 50 }).attach()
    const names = Array.from({ length: 200 }, (_, n) => `recording-${String(n).padStart(3, '0')}`)
    for (const name of names) record(world, name, 12, false)
    await world.pass(500)
    expect(world.dispatcher().slots()).toMatchObject({ total: 200, used: 200, waiting: 0 })
    for (const name of names) world.recordings.seal(id(name))
    await world.pass(1_000)
    expect(world.doneReports).toHaveLength(200)
    for (const name of names) expect(await world.textOf(id(name), 'caller')).toBe(spoken('c', 12))
  })
})
