import { describe, expect, it } from 'vitest'
import { recordingId, workerId } from '@3cx-ninja/protocol'
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
const plan = (recordings: readonly WaitingRecording[], places: readonly [typeof one, number][]) =>
  planDispatch({
    waiting: recordings,
    places: places.map(([workerId, free]) => ({ workerId, free })),
    liveHeadStartMs: 600_000,
  }).map(({ recordingId, workerId }) => `${recordingId}→${workerId}`)

describe('the plan of dispatch', () => {
  it('gives calls that are on before finished recordings, and the oldest first', () => {
    const recordings = [
      waiting('finished', 0, { live: false }),
      waiting('younger-call', 200),
      waiting('older-call', 100),
    ]
    expect(plan(recordings, [[one, 2]])).toEqual(['older-call→worker-1', 'younger-call→worker-1'])
  })

  it('lets a finished recording go first once it has waited for longer than the head start of calls', () => {
    const recordings = [waiting('a-new-call', 700_000), waiting('finished', 0, { live: false })]
    expect(plan(recordings, [[one, 1]])).toEqual(['finished→worker-1'])
  })

  it('starves none while calls keep coming: a finished recording is taken within its head start', () => {
    let takenAtMs: number | undefined
    for (let nowMs = 0; nowMs <= 1_200_000 && takenAtMs === undefined; nowMs += 10_000) {
      const recordings = [waiting('finished', 0, { live: false }), waiting(`call-at-${nowMs}`, nowMs)]
      if (plan(recordings, [[one, 1]])[0]?.startsWith('finished')) takenAtMs = nowMs
    }
    expect(takenAtMs).toBe(610_000)
  })

  it('fills workers evenly', () => {
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

  it('does not ask a worker again that lately declined, but asks another', () => {
    const recordings = [waiting('declined-call', 0, { cooling: new Set([one]) })]
    expect(plan(recordings, [[one, 9]])).toEqual([])
    expect(
      plan(recordings, [
        [one, 9],
        [two, 1],
      ]),
    ).toEqual(['declined-call→worker-2'])
  })

  it('offers nothing to a worker that drains or holds more than its places', () => {
    const recordings = [waiting('some-call', 0)]
    expect(
      plan(recordings, [
        [one, 0],
        [two, -3],
      ]),
    ).toEqual([])
  })
})
