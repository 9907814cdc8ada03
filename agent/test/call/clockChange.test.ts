import { describe, expect, it } from 'vitest'
import { HOUR_MS, MINUTE_MS, SECOND_MS, callSnapshot, type CallSnapshot } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createCallShell } from '../../src/main/call/callShell.ts'
import type { CallFact } from '../../src/main/call/callState.ts'
import { callTuning } from '../../src/main/call/tuning.ts'

/** Returns the calls of a PC whose wall clock the test can set. */
function aPc() {
  const clock = createFakeClock()
  let ids = 0
  const reports: CallSnapshot[] = []
  const shell = createCallShell({
    clock,
    newId: () => `id-${String((ids += 1)).padStart(6, '0')}`,
    extension: () => '201',
    recording: (command) => {
      if (command.kind === 'begin') shell.recordingBegun(command)
    },
    report: (call) => void reports.push(call),
    onChange: () => undefined,
  })
  shell.policy({
    consent: { confirmed: true, basis: 'announcement', ruleVersion: 1, text: '' },
    country: 'FR',
    optOut: { extensions: [], numbers: [] },
  })
  return {
    clock,
    shell,
    script: (state: CallFact['state'], more: Partial<CallFact> = {}) =>
      shell.fact({ source: 'script', leg: 'A', state, ...more }),
    last: (callId?: string) => reports.findLast((call) => !callId || call.callId === callId),
    [Symbol.dispose]: () => shell.stop(),
  }
}

describe.each([3, -3])('a wall clock set by %i hours in mid-call', (hours) => {
  it('a changed wall clock leaves the duration of the call as it is', async () => {
    using pc = aPc()
    const beganMs = pc.clock.nowMs()
    pc.script('talking')
    await pc.clock.advance(4 * MINUTE_MS)
    pc.clock.jumpWallClock(hours * HOUR_MS)
    await pc.clock.advance(MINUTE_MS)
    pc.script('ended')
    expect(pc.last()).toMatchObject({ talkingSinceMs: beganMs, endedAtMs: beganMs + 5 * MINUTE_MS })
  })

  it('a changed wall clock leaves a call as it is whose end the microphone guesses', async () => {
    using pc = aPc()
    pc.shell.fact({ source: 'microphone', state: 'talking' })
    await pc.clock.advance(MINUTE_MS)
    pc.clock.jumpWallClock(hours * HOUR_MS)
    await pc.clock.advance(MINUTE_MS)
    pc.shell.fact({ source: 'microphone', state: 'ended' })
    await pc.clock.advance(callTuning.endDebounceMs)
    const { talkingSinceMs = 0, endedAtMs = 0 } = pc.last() ?? {}
    expect(endedAtMs - talkingSinceMs).toBe(2 * MINUTE_MS)
  })

  it('a changed wall clock does not merge a call with another that rings meanwhile', async () => {
    using pc = aPc()
    pc.script('talking')
    await pc.clock.advance(MINUTE_MS)
    pc.clock.jumpWallClock(hours * HOUR_MS)
    pc.shell.fact({ source: 'pbx', leg: 'L2', state: 'ringing', direction: 'inbound', sinceMs: pc.clock.monotonicMs() }) // prettier-ignore
    expect(pc.shell.calls().map(({ phase }) => phase)).toEqual(['talking', 'ringing'])
  })

  it('the next call is dated by the changed wall clock', async () => {
    using pc = aPc()
    pc.script('talking')
    await pc.clock.advance(MINUTE_MS)
    pc.clock.jumpWallClock(hours * HOUR_MS)
    pc.script('ended')
    await pc.clock.advance(10 * SECOND_MS)
    const beganMs = pc.clock.nowMs()
    pc.script('talking', { leg: 'B' })
    expect(pc.last()).toMatchObject({ startedAtMs: beganMs, talkingSinceMs: beganMs })
  })
})

it('time stamps of a call are whole milliseconds although a monotonic clock counts fractions', async () => {
  using pc = aPc()
  await pc.clock.advance(0.3)
  pc.shell.fact({ source: 'pbx', leg: 'L1', state: 'talking', sinceMs: -1_000.4 })
  pc.script('talking')
  await pc.clock.advance(1_000.4)
  pc.script('ended')
  expect(callSnapshot.parse(pc.last())).toMatchObject({ phase: 'wrap-up' })
})
