import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import type { CallFact } from '../../src/main/call/callState.ts'
import type { CallSource, CallSourceReport, CallSourceState } from '../../src/main/detection/callSource.ts'
import { createCallSources } from '../../src/main/detection/callSources.ts'

function aSource(name: string, onStart: (report: CallSourceReport) => void = () => undefined) {
  let state: CallSourceState = { at: 'stopped' }
  let report: CallSourceReport | undefined
  const counts = { started: 0, stopped: 0 }
  const source: CallSource = {
    name,
    state: () => state,
    start(to) {
      counts.started += 1
      report = to
      state = { at: 'starting' }
      onStart(to)
      return () => {
        counts.stopped += 1
        return Promise.resolve()
      }
    },
  }
  return {
    source,
    counts,
    report: () => report!,
    well() {
      state = { at: 'watching', detail: 'test' }
      report?.changed()
    },
  }
}

function run(sources: readonly CallSource[]) {
  const clock = createFakeClock()
  const facts: [string, CallFact['state']][] = []
  const userErrors: [string, string][] = []
  const running = createCallSources({
    sources,
    clock,
    onFact: (fact, source) => facts.push([source, fact.state]),
    onUserError: (userError, source) => userErrors.push([source, userError.message]),
  })
  return { clock, facts, userErrors, running }
}

describe('the call sources of a PC', () => {
  it('the call sources of a PC deliver the facts of all, each with the name of its source', async () => {
    const one = aSource('one')
    const two = aSource('two')
    const { facts, running } = run([one.source, two.source])
    one.report().fact({ source: 'microphone', state: 'talking' })
    two.report().fact({ source: 'microphone', state: 'ended' })
    expect(facts).toEqual([
      ['one', 'talking'],
      ['two', 'ended'],
    ])
    await running.stop()
    two.report().fact({ source: 'microphone', state: 'talking' })
    one.report().fact({ source: 'microphone', state: 'ended' })
    expect(facts).toHaveLength(2)
  })

  it('a call source that fails is reported once, and tried again with growing pauses until it works; the others go on', async () => {
    const broken = aSource('broken')
    const other = aSource('other')
    const { clock, userErrors, running } = run([broken.source, other.source])
    other.well()
    for (const wait of [1_000, 2_000, 5_000]) {
      broken.report().failed(new Error('no server: start it'))
      expect(running.states()).toEqual([
        { name: 'broken', at: 'failed', cause: 'no server: start it' },
        { name: 'other', at: 'watching', detail: 'test' },
      ])
      const before = broken.counts.started
      await clock.advance(wait - 1)
      expect(broken.counts.started).toBe(before)
      await clock.advance(1)
      expect(broken.counts.started).toBe(before + 1)
    }
    expect(userErrors).toEqual([['broken', 'no server: start it']])
    expect(broken.counts.stopped).toBe(3) // each failed run was closed
    broken.well()
    expect(running.states()[0]).toEqual({ name: 'broken', at: 'watching', detail: 'test' })
    broken.report().failed(new Error('no server: start it'))
    expect(userErrors).toHaveLength(2)
    await clock.advance(1_000)
    expect(broken.counts.started).toBe(5)
    await running.stop()
  })

  it('a call source that throws or fails while it starts stops no other one', async () => {
    const thrower = aSource('thrower', () => {
      throw new Error('native module missing')
    })
    const failer = aSource('failer', (report) => report.failed(new Error('at once')))
    const other = aSource('other')
    const { facts, running, clock } = run([thrower.source, failer.source, other.source])
    other.report().fact({ source: 'microphone', state: 'talking' })
    expect(facts).toEqual([['other', 'talking']])
    expect(running.states().map(({ at }) => at)).toEqual(['failed', 'failed', 'starting'])
    await clock.advance(0)
    expect(failer.counts.stopped).toBe(1)
    await running.stop()
  })

  it('facts of a failed run are ignored, and no call source starts again after stop', async () => {
    const broken = aSource('broken')
    const { clock, facts, running } = run([broken.source])
    const old = broken.report()
    old.failed(new Error('gone'))
    await clock.advance(1_000)
    old.fact({ source: 'microphone', state: 'talking' })
    expect(facts).toEqual([])
    broken.report().failed(new Error('gone again'))
    await running.stop()
    await clock.advance(600_000)
    expect(broken.counts.started).toBe(2)
    expect(clock.pending).toBe(0)
  })
})
