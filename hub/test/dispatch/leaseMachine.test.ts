import { describe, expect, it } from 'vitest'
import { offeredLease, stepLease, type LeaseEvent, type LeaseState } from '../../src/dispatch/leaseMachine.ts'

const at = (nowMs: number) => ({ fence: 3, ttlMs: 4_000, nowMs })
const run = (events: readonly (readonly [number, LeaseEvent])[]) => {
  let state: LeaseState = offeredLease(at(0))
  const notices: string[] = []
  for (const [nowMs, event] of events) {
    const next = stepLease(state, event, at(nowMs))
    state = next.state
    if (next.notice) notices.push(next.notice)
  }
  return { state, notices }
}

describe('a lease', () => {
  it('[W2] ends an offer that is not answered within its time', () => {
    expect(run([[3_999, { kind: 'tick' }]]).state.at).toBe('offered')
    expect(run([[4_000, { kind: 'tick' }]])).toEqual({
      state: { at: 'over', how: 'unanswered' },
      notices: ['expired'],
    })
  })

  it('[W3] keeps a lease that is renewed in time, and expires it otherwise', () => {
    const renewed: [number, LeaseEvent][] = [
      [100, { kind: 'accept' }],
      [4_000, { kind: 'renew', fence: 3 }],
      [7_999, { kind: 'tick' }],
    ]
    expect(run(renewed)).toEqual({
      state: { at: 'held', sinceMs: 100, untilMs: 8_000 },
      notices: ['renewed'],
    })
    expect(run([...renewed, [8_000, { kind: 'tick' }]]).state).toEqual({ at: 'over', how: 'expired' })
  })

  it('[W4] ignores messages with another fence and answers newer-fence', () => {
    for (const kind of ['renew', 'return'] as const) {
      const { state, notices } = run([
        [0, { kind: 'accept' }],
        [10, { kind, fence: 2 }],
      ])
      expect(state.at).toBe('held')
      expect(notices).toEqual(['newer-fence'])
    }
  })

  it('[W8] ends a lease as done only when the whole sealed recording was sent and no newer lease exists', () => {
    const accepted: [number, LeaseEvent] = [0, { kind: 'accept' }]
    const done = (complete: boolean): [number, LeaseEvent] => [10, { kind: 'done', fence: 3, complete }]
    expect(run([accepted, done(false)])).toEqual({
      state: { at: 'over', how: 'unfinished' },
      notices: ['expired'],
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

  it('neither expires a finishing lease nor ends it with the link', () => {
    const { state } = run([
      [0, { kind: 'accept' }],
      [10, { kind: 'done', fence: 3, complete: true }],
      [60_000, { kind: 'tick' }],
      [60_001, { kind: 'end', how: 'gone' }],
    ])
    expect(state.at).toBe('finishing')
  })

  it('ignores every event of a lease that is over', () => {
    const { state, notices } = run([
      [0, { kind: 'accept' }],
      [10, { kind: 'end', how: 'erased' }],
      [20, { kind: 'renew', fence: 3 }],
      [30, { kind: 'accept' }],
      [40, { kind: 'done', fence: 3, complete: true }],
    ])
    expect(state).toEqual({ at: 'over', how: 'erased' })
    expect(notices).toEqual(['erased'])
  })
})
