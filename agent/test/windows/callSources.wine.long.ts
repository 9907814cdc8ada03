// The real call sources in a Windows node.exe under Wine, with a program in place of the 3CX client: this program writes the
// registry entries that Windows itself writes when a program opens the microphone.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import type { CallSnapshot } from '@3cx-ninja/protocol'
import { ulid } from 'ulid'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createCallShell } from '../../src/main/call/callShell.ts'
import { windowsTuning } from '../../src/main/detection/windows/tuning.ts'
import {
  startFakeSoftphone,
  startWatchedCalls,
  type FakeSoftphone,
  type WatchedReport,
  type WatchedCalls,
} from '../../testing/windows/watchedCalls.ts'
import { startWine, whatWineLacks } from '../../testing/windows/wine.ts'

const lacks = await whatWineLacks()
if (lacks) process.stderr.write(`SKIPPED: the Windows call sources under Wine. Remedy: ${lacks}\n`)

/** Time within which a source must report a change. */
const LIMIT_MS = 1_000

let folder = ''
let stopWine: () => Promise<void> = async () => undefined
let calls: WatchedCalls
let softphone: FakeSoftphone
beforeAll(async () => {
  if (lacks) return
  folder = await mkdtemp(path.join(tmpdir(), 'ninja-calls-'))
  stopWine = await startWine()
  softphone = await startFakeSoftphone()
  await softphone.does('wipe') // the Wine prefix outlives the tests
  calls = await startWatchedCalls(folder)
  await calls.next(isState('consent-store', /no softphone/))
  await calls.next(isState('client-window', /runs/))
}, 300_000)
afterEach(() => {
  if (!lacks) expect(calls.reports.filter(({ kind }) => kind === 'failed')).toEqual([])
})
afterAll(async () => {
  if (lacks) return
  await stopWine()
  await rm(folder, { recursive: true })
})

const isState = (from: string, detail: RegExp) => (report: WatchedReport) =>
  report.kind === 'state' &&
  report.from === from &&
  report.state.at === 'watching' &&
  detail.test(report.state.detail)
const isFact = (state: string) => (report: WatchedReport) =>
  report.kind === 'fact' && report.from === 'consent-store' && report.fact.state === state

/** Commands the softphone, and resolves with the report of a source and its delay in ms since just before the command. */
async function report(command: string, state: string): Promise<{ fact: WatchedReport; afterMs: number }> {
  const after = calls.reports.length
  const startMs = performance.now()
  await softphone.does(command)
  const fact = await calls.next(isFact(state), after)
  return { fact, afterMs: performance.now() - startMs }
}

describe.skipIf(lacks)(
  `the Windows call sources under Wine${lacks ? ` (skipped: ${lacks})` : ''}`,
  { timeout: 60_000 },
  () => {
    it('a classic 3CX client that opens and releases the microphone starts and ends talk within a second', async () => {
      const delays: number[] = []
      for (let round = 0; round < 20; round++) {
        const talking = await report('take', 'talking')
        expect(talking.fact).toMatchObject({ fact: { source: 'microphone', leg: '3cxdesktopapp.exe' } })
        delays.push(talking.afterMs, (await report('release', 'ended')).afterMs)
      }
      delays.sort((a, b) => a - b)
      const [median = 0, slowest = 0] = [delays[20], delays.at(-1)]
      process.stdout.write(
        `registry to fact, 40 changes: median ${median.toFixed(0)} ms, slowest ${slowest.toFixed(0)} ms\n`,
      )
      expect(slowest).toBeLessThan(LIMIT_MS)
      // far below any polling interval of the sources: the notice came from Windows
      expect(median).toBeLessThan(Math.min(windowsTuning.titlesEveryMs, windowsTuning.aliveEveryMs) / 4)
    })

    it('the facts of the sources make and end a call of the agent; its times are within a second of the registry’s', async () => {
      const reports: CallSnapshot[] = []
      const reported = new Set<() => void>()
      const shell = createCallShell({
        clock: systemClock,
        newId: () => ulid(),
        extension: () => '201',
        recording: () => undefined,
        report: (call) => {
          reports.push(call)
          for (const check of reported) check()
        },
        onChange: () => undefined,
      })
      const reaches = (phase: CallSnapshot['phase']) =>
        new Promise<{ call: CallSnapshot; atMs: number }>((resolve) => {
          const check = () => {
            const call = reports.find((report) => report.phase === phase)
            if (call) resolve({ call, atMs: Date.now() })
          }
          reported.add(check)
          check()
        })
      const forward = async (command: string, state: string) => {
        const { fact } = await report(command, state)
        if (fact.kind === 'fact') shell.fact(fact.fact)
      }
      const takenAtMs = Date.now()
      await forward('take', 'talking')
      const talking = await reaches('talking')
      expect(talking.atMs - takenAtMs).toBeLessThan(LIMIT_MS)
      const releasedAtMs = Date.now()
      await forward('release', 'ended')
      const { call } = await reaches('wrap-up')
      expect((call.endedAtMs ?? 0) - releasedAtMs).toBeLessThan(LIMIT_MS)
      expect((call.talkingSinceMs ?? 0) - takenAtMs).toBeLessThan(LIMIT_MS)
      shell.stop()
    })

    it('the packaged client of V20 is matched by its package', async () => {
      const { fact, afterMs } = await report('take-package', 'talking')
      expect(fact).toMatchObject({ fact: { leg: '3CXDMCC.3CX_0abcdefghijkm' } })
      expect(afterMs).toBeLessThan(LIMIT_MS)
      expect((await report('release-package', 'ended')).afterMs).toBeLessThan(LIMIT_MS)
    })

    it('a browser that opens the microphone and an entry from before the start of Windows are no calls', async () => {
      const before = calls.reports.length
      await softphone.does('take-other')
      await softphone.does('take-old')
      await report('take-package', 'talking')
      await report('release-package', 'ended')
      const legs = calls.reports.slice(before).flatMap((one) => (one.kind === 'fact' ? [one.fact.leg] : []))
      expect(legs).toEqual(['3CXDMCC.3CX_0abcdefghijkm', '3CXDMCC.3CX_0abcdefghijkm'])
      await softphone.does('release-other')
    })

    it('a store that Windows deletes and creates again is still watched', async () => {
      await report('take', 'talking')
      expect((await report('wipe', 'ended')).afterMs).toBeLessThan(LIMIT_MS)
      expect((await report('take', 'talking')).afterMs).toBeLessThan(LIMIT_MS)
      expect((await report('release', 'ended')).afterMs).toBeLessThan(LIMIT_MS)
    })

    it('the title of the client’s window gives number and name', async () => {
      const after = calls.reports.length
      await softphone.does('title Jürgen Müller (+43123456) - 3CX')
      const hint = await calls.next((one) => one.kind === 'fact' && one.from === 'client-window', after)
      expect(hint).toMatchObject({
        fact: { state: 'hint', remoteNumber: '+43123456', remoteName: 'Jürgen Müller' },
      })
      await softphone.does('title 3CX')
    })

    it('a client that dies with the microphone open has ended within the liveness check', async () => {
      await report('take', 'talking')
      const after = calls.reports.length
      const startMs = performance.now()
      await softphone.crash()
      await calls.next(isFact('ended'), after)
      expect(performance.now() - startMs).toBeLessThan(windowsTuning.aliveEveryMs + LIMIT_MS)
      await calls.next(isState('client-window', /no 3CX client/), after)
    })

    it('the sources leave the event loop free, cost little, and end cleanly', async () => {
      const { cpuMs, wallClockMs, ticks } = await calls.cost()
      const percent = (100 * cpuMs) / wallClockMs
      process.stdout.write(
        `call sources under Wine: ${percent.toFixed(1)} % of a core over ${(wallClockMs / 1_000).toFixed(0)} s\n`,
      )
      expect(ticks).toBeGreaterThan((wallClockMs / 10) * 0.4)
      expect(await calls.stop()).toBe(0)
      expect(calls.reports.at(-1)).toEqual({ kind: 'stopped' })
    })
  },
)
