import { describe, expect, it } from 'vitest'
import { offeredLease, stepLease, type LeaseEvent, type LeaseState } from '../../src/dispatch/leaseMachine.ts'

const at = (nowMs: number) => ({ fence: 3, ttlMs: 4_000, nowMs })
const run = (events: readonly (readonly [number, LeaseEvent])[]) => {
  let state: LeaseState = offeredLease(at(0))
  const told: string[] = []
  for (const [nowMs, event] of events) {
    const next = stepLease(state, event, at(nowMs))
    state = next.state
    if (next.tell) told.push(next.tell)
  }
  return { state, told }
}

describe('a lease', () => {
  it('[W2] is void when the offer is not answered within its time', () => {
    expect(run([[3_999, { kind: 'tick' }]]).state.at).toBe('offered')
    expect(run([[4_000, { kind: 'tick' }]])).toEqual({
      state: { at: 'over', how: 'unanswered' },
      told: ['expired'],
    })
  })

  it('[W3] lasts as long as it is renewed in time, and is lost otherwise', () => {
    const renewed: [number, LeaseEvent][] = [
      [100, { kind: 'accept' }],
      [4_000, { kind: 'renew', fence: 3 }],
      [7_999, { kind: 'tick' }],
    ]
    expect(run(renewed)).toEqual({ state: { at: 'held', sinceMs: 100, untilMs: 8_000 }, told: ['renewed'] })
    expect(run([...renewed, [8_000, { kind: 'tick' }]]).state).toEqual({ at: 'over', how: 'expired' })
  })

  it('[W4] takes nothing with another fence, and says that there is a newer one', () => {
    for (const kind of ['renew', 'return'] as const) {
      const { state, told } = run([
        [0, { kind: 'accept' }],
        [10, { kind, fence: 2 }],
      ])
      expect(state.at).toBe('held')
      expect(told).toEqual(['newer-fence'])
    }
  })

  it('[W8] is done only when the whole sealed recording was sent and the database knows no newer lease', () => {
    const accepted: [number, LeaseEvent] = [0, { kind: 'accept' }]
    const done = (whole: boolean): [number, LeaseEvent] => [10, { kind: 'done', fence: 3, whole }]
    expect(run([accepted, done(false)])).toEqual({
      state: { at: 'over', how: 'unfinished' },
      told: ['expired'],
    })
    expect(run([accepted, done(true), [20, { kind: 'stored', newest: true }]]).state).toEqual({
      at: 'over',
      how: 'done',
    })
    expect(run([accepted, done(true), [20, { kind: 'stored', newest: false }]]).state).toEqual({
      at: 'over',
      how: 'superseded',
    })
  })

  it('needs its worker no more once everything is said: it neither expires nor ends with the link', () => {
    const { state } = run([
      [0, { kind: 'accept' }],
      [10, { kind: 'done', fence: 3, whole: true }],
      [60_000, { kind: 'tick' }],
      [60_001, { kind: 'end', how: 'gone' }],
    ])
    expect(state.at).toBe('finishing')
  })

  it('changes no more when it is over', () => {
    const { state, told } = run([
      [0, { kind: 'accept' }],
      [10, { kind: 'end', how: 'erased' }],
      [20, { kind: 'renew', fence: 3 }],
      [30, { kind: 'accept' }],
      [40, { kind: 'done', fence: 3, whole: true }],
    ])
    expect(state).toEqual({ at: 'over', how: 'erased' })
    expect(told).toEqual(['erased'])
  })
})
