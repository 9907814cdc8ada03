import { describe, expect, it } from 'vitest'
import { agentId, recordingId, workerId } from '@3cx-ninja/protocol'
import { planDispatch, type WaitingRecording } from '../../src/dispatch/planDispatch.ts'

const one = workerId.parse('worker-1')
const two = workerId.parse('worker-2')
const waiting = (id: string, sinceMs: number, more: Partial<WaitingRecording> = {}): WaitingRecording => ({
  recordingId: recordingId.parse(id),
  live: true,
  sinceMs,
  cooling: new Set(),
  ...more,
})
const plan = (recordings: readonly WaitingRecording[], slots: readonly [typeof one, number, number?][]) =>
  planDispatch({
    waiting: recordings,
    slots: slots.map(([workerId, free, demerits = 0]) => ({ workerId, free, demerits })),
    held: new Map(),
    liveHeadStartMs: 600_000,
    recordingsAhead: 4,
  }).map(({ recordingId, workerId }) => `${recordingId}→${workerId}`)

describe('the plan of dispatch', () => {
  it('offers active calls before finished recordings, the oldest first', () => {
    const recordings = [
      waiting('finished', 0, { live: false }),
      waiting('younger-call', 200),
      waiting('older-call', 100),
    ]
    expect(plan(recordings, [[one, 2]])).toEqual(['older-call→worker-1', 'younger-call→worker-1'])
  })

  it('offers a finished recording first once it has waited longer than the head start of calls', () => {
    const recordings = [waiting('a-new-call', 700_000), waiting('finished', 0, { live: false })]
    expect(plan(recordings, [[one, 1]])).toEqual(['finished→worker-1'])
  })

  it('offers a finished recording within the head start while calls keep coming', () => {
    let offeredAtMs: number | undefined
    for (let nowMs = 0; nowMs <= 1_200_000 && offeredAtMs === undefined; nowMs += 10_000) {
      const recordings = [waiting('finished', 0, { live: false }), waiting(`call-at-${nowMs}`, nowMs)]
      if (plan(recordings, [[one, 1]])[0]?.startsWith('finished')) offeredAtMs = nowMs
    }
    expect(offeredAtMs).toBe(610_000)
  })

  it('fills workers evenly by their free slots', () => {
    const recordings = [1, 2, 3, 4].map((n) => waiting(`recording-${n}`, n))
    expect(
      plan(recordings, [
        [one, 2],
        [two, 4],
      ]),
    ).toEqual([
      'recording-1→worker-2',
      'recording-2→worker-2',
      'recording-3→worker-1',
      'recording-4→worker-2',
    ])
  })

  it('offers a recording to another worker while one cools down', () => {
    const recordings = [waiting('declined-call', 0, { cooling: new Set([one]) })]
    expect(plan(recordings, [[one, 9]])).toEqual([])
    expect(
      plan(recordings, [
        [one, 9],
        [two, 1],
      ]),
    ).toEqual(['declined-call→worker-2'])
  })

  it('[W10] asks a worker that lost calls lately last, and still where no other has a slot', () => {
    const recordings = [waiting('some-call-1', 1), waiting('some-call-2', 2), waiting('some-call-3', 3)]
    const offers = plan(recordings, [
      [one, 9, 2],
      [two, 2],
    ])
    expect(offers).toEqual(['some-call-1→worker-2', 'some-call-2→worker-2', 'some-call-3→worker-1'])
  })

  it('[W11] offers a call of one agent ahead of the many recordings of another', () => {
    const flooder = agentId.parse('agent-01')
    const recordings = Array.from({ length: 1_000 }, (_, at) =>
      waiting(`flood-${String(at).padStart(4, '0')}`, at, { agentId: flooder }),
    )
    recordings.push(waiting('honest-call', 5_000, { agentId: agentId.parse('agent-02') }))
    const offers = plan(recordings, [[one, 6]])
    expect(offers.indexOf('honest-call→worker-1')).toBe(4)
    expect(offers).toHaveLength(6)
  })

  it('offers nothing to a worker that drains or has more leases than slots', () => {
    const recordings = [waiting('some-call', 0)]
    expect(
      plan(recordings, [
        [one, 0],
        [two, -3],
      ]),
    ).toEqual([])
  })
})
