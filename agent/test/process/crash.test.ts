import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createCrash } from '../../src/main/process/crash.ts'

function aCrash(close: () => Promise<unknown>) {
  const clock = createFakeClock()
  const ends: number[] = []
  const logged: string[] = []
  const crash = createCrash({
    clock,
    close,
    log: { fatal: (_fields, event) => void logged.push(event) },
    end: (code) => void ends.push(code),
  })
  return { clock, crash, ends, logged }
}

describe('an uncaught exception', () => {
  it('an uncaught exception ends the agent once the recordings are closed, and not before', async () => {
    let closed: () => void = () => undefined
    const { crash, ends, logged, clock } = aCrash(() => new Promise<void>((resolve) => (closed = resolve)))
    crash(new Error('a bug'))
    await clock.advance(100)
    expect([ends, logged]).toEqual([[], ['agent.crashed']])
    closed()
    await clock.advance(10_000)
    expect(ends).toEqual([70])
  })

  it('an uncaught exception ends the agent in time when closing hangs, and when closing fails', async () => {
    const hangs = aCrash(() => new Promise(() => undefined))
    hangs.crash(new Error('a bug'))
    await hangs.clock.advance(3_000)
    expect(hangs.ends).toEqual([70])
    const fails = aCrash(() => Promise.reject(new Error('disk gone')))
    fails.crash(new Error('a bug'))
    await fails.clock.advance(0)
    expect([fails.ends, fails.logged]).toEqual([[70], ['agent.crashed', 'agent.not-closed']])
  })

  it('a second uncaught exception during the close ends the agent at once', () => {
    const { crash, ends } = aCrash(() => new Promise(() => undefined))
    crash(new Error('a bug'))
    crash(new Error('another'))
    expect(ends).toEqual([70])
  })
})
