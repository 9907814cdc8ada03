import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import {
  createMicrophoneEvidence,
  type Witness,
} from '../../src/main/detection/windows/microphoneEvidence.ts'

const V20 = '3CXDMCC.3CX_0abcdefghijkm'
const V18 = '3cxdesktopapp.exe'

function aPc() {
  const clock = createFakeClock()
  const evidence = createMicrophoneEvidence({ clock })
  const observe = (witness: Witness, ...apps: readonly (string | readonly [string, number])[]) =>
    evidence
      .update(
        witness,
        apps.map((app) => (typeof app === 'string' ? { app, sinceMs: 1 } : { app: app[0], sinceMs: app[1] })),
      )
      .map(({ state, leg }) => `${state} ${leg ?? ''}`)
  return {
    clock,
    evidence,
    store: (...apps: Parameters<typeof observe> extends [Witness, ...infer Rest] ? Rest : never) =>
      observe('consent-store', ...apps),
    sessions: (...apps: Parameters<typeof observe> extends [Witness, ...infer Rest] ? Rest : never) =>
      observe('audio-sessions', ...apps),
  }
}

describe('what several witnesses say about the microphone', () => {
  it('one witness alone gives each beginning and each end once; a use that began again had ended in between', () => {
    const { store } = aPc()
    expect(store('a.exe')).toEqual(['talking a.exe'])
    expect(store('a.exe')).toEqual([])
    expect(store(['a.exe', 9])).toEqual(['ended a.exe', 'talking a.exe'])
    expect(store('b.exe')).toEqual(['ended a.exe', 'talking b.exe'])
    expect(store()).toEqual(['ended b.exe'])
  })

  it('several witnesses make one call, which begins with the first report and ends with the last', () => {
    const { store, sessions } = aPc()
    expect(sessions(V18)).toEqual(['talking 3cxdesktopapp.exe'])
    expect(store(V18)).toEqual([])
    expect(sessions()).toEqual([])
    expect(sessions(V18)).toEqual([])
    expect(store()).toEqual([])
    expect(sessions()).toEqual(['ended 3cxdesktopapp.exe'])
  })

  it('several witnesses make one call also where one names the package and the other the program', () => {
    const { store, sessions, evidence } = aPc()
    expect(store(V20)).toEqual([`talking ${V20}`])
    expect(sessions('3cxsoftphone.exe')).toEqual([])
    expect(evidence.inUse()).toEqual([V20, '3cxsoftphone.exe'])
    expect(store()).toEqual([])
    expect(sessions()).toEqual([`ended ${V20}`])
    expect(evidence.inUse()).toEqual([])
  })

  it('two programs that talk, or a second one that begins later, make two calls', async () => {
    const { store, sessions, clock } = aPc()
    expect(sessions(V18)).toEqual(['talking 3cxdesktopapp.exe'])
    expect(sessions(V18, 'chrome.exe')).toEqual(['talking chrome.exe'])
    expect(store('chrome.exe', V18)).toEqual([])
    expect(store(V18)).toEqual([])
    expect(sessions(V18)).toEqual(['ended chrome.exe'])
    await clock.advance(10_000)
    expect(store(V18, V20)).toEqual([`talking ${V20}`])
  })

  it('a witness that sees a new use of the program while the other still holds the old one changes nothing', () => {
    const { store, sessions } = aPc()
    store(V18)
    sessions(V18)
    expect(store([V18, 2])).toEqual([])
    expect(store()).toEqual([])
    expect(sessions()).toEqual(['ended 3cxdesktopapp.exe'])
  })

  it('two uses guessed to be one become two as soon as one witness reports both', () => {
    const { store, sessions } = aPc()
    sessions(V18)
    expect(store(V20)).toEqual([])
    expect(sessions(V18, V20)).toEqual([`talking ${V20}`])
    expect(store()).toEqual([])
    expect(sessions()).toEqual(['ended 3cxdesktopapp.exe', `ended ${V20}`])
    const other = aPc()
    other.sessions('chrome.exe')
    expect(other.store(V20, 'chrome.exe')).toEqual([`talking ${V20}`])
  })

  it('a program first matched to its package gets a leg of its own, whichever witness reports both', () => {
    const { sessions, store } = aPc()
    expect(sessions(V20)).toEqual([`talking ${V20}`])
    expect(store(V18)).toEqual([])
    expect(sessions()).toEqual([])
    expect(sessions(V18, V20)).toEqual(['talking 3cxdesktopapp.exe'])
    expect(store(V18, V20)).toEqual([])
    expect(sessions()).toEqual([])
    expect(store().sort()).toEqual(['ended 3cxdesktopapp.exe', `ended ${V20}`].sort())
  })

  it('no leg stays open or is reported twice, whatever the witnesses report in whatever order', () => {
    const apps = fc.subarray([V18, V20, '3cxsoftphone.exe', 'chrome.exe'])
    const step = fc.record({
      by: fc.constantFrom<Witness>('consent-store', 'audio-sessions'),
      apps,
      since: fc.integer({ min: 1, max: 2 }),
      afterMs: fc.constantFrom(0, 100, 9_000),
    })
    return fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { evidence, clock } = aPc()
        const open = new Set<string>()
        const take = (by: Witness, uses: readonly string[], sinceMs: number) => {
          for (const { state, leg = '' } of evidence.update(
            by,
            uses.map((app) => ({ app, sinceMs })),
          )) {
            expect(open.has(leg)).toBe(state === 'ended')
            if (state === 'ended') open.delete(leg)
            else open.add(leg)
          }
        }
        for (const { by, apps: uses, since, afterMs } of steps) {
          await clock.advance(afterMs)
          take(by, uses, since)
          expect(open.size > 0).toBe(evidence.inUse().length > 0)
        }
        take('consent-store', [], 1)
        take('audio-sessions', [], 1)
        expect([...open]).toEqual([])
      }),
      { numRuns: 1_000 },
    )
  })
})
