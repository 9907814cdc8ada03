// The consent store and the sessions of the sound system report the same call in a Windows node.exe under Wine, through to the
// agent's call machine: the store in Wine's registry, the sessions over mocks (Wine 8 does not list sessions).
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import type { CallSnapshot } from '@3cx-ninja/protocol'
import { ulid } from 'ulid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { build, recordersMock } from '../../../scripts/native/loopback.ts'
import { createCallShell } from '../../src/main/call/callShell.ts'
import {
  startFakeSoftphone,
  startWatchedCalls,
  type WatchedReport,
} from '../../testing/windows/watchedCalls.ts'
import { startWine, whatWineLacks } from '../../testing/windows/wine.ts'

const lacks = await whatWineLacks()
if (lacks) process.stderr.write(`SKIPPED: two witnesses of a call under Wine. Remedy: ${lacks}\n`)

let folder = ''
let stopWine: () => Promise<void> = async () => undefined
beforeAll(async () => {
  if (lacks) return
  folder = await mkdtemp(path.join(tmpdir(), 'ninja-witnesses-'))
  stopWine = await startWine()
}, 300_000)
afterAll(async () => {
  if (lacks) return
  await stopWine()
  await rm(folder, { recursive: true })
})

const isDetail = (from: string, detail: RegExp) => (report: WatchedReport) =>
  report.kind === 'state' &&
  report.from === from &&
  report.state.at === 'watching' &&
  detail.test(report.state.detail)

describe.skipIf(lacks)(
  `two witnesses of a call under Wine${lacks ? ` (skipped: ${lacks})` : ''}`,
  { timeout: 240_000 }, // the first run may have to download node.exe for Windows
  () => {
    it('two witnesses make one call, which begins with the first report and ends with the last', async () => {
      const script = path.join(folder, 'script.txt')
      const [begin, rest] = [path.join(folder, 'begin'), path.join(folder, 'rest')]
      await writeFile(script, `until Z:${begin}\nbegin 0 10\nstart 10\nuntil Z:${rest}\nrest 10\n`)
      const softphone = await startFakeSoftphone()
      await softphone.does('wipe')
      const helper = [`Z:${await build(recordersMock())}`, `Z:${script}`]
      const calls = await startWatchedCalls(folder, helper)
      await calls.next(isDetail('audio-sessions', /^no softphone/))
      await calls.next(isDetail('consent-store', /^no softphone/))
      await writeFile(begin, '')
      const begun = await calls.next(({ kind }) => kind === 'fact')
      expect(begun).toMatchObject({
        from: 'audio-sessions',
        fact: { source: 'microphone', state: 'talking', leg: '3cxdesktopapp.exe' },
      })
      await softphone.does('take')
      await calls.next(isDetail('consent-store', /^a softphone/))
      await writeFile(rest, '')
      await calls.next(isDetail('audio-sessions', /^no softphone/), calls.reports.indexOf(begun))
      await softphone.does('release')
      await calls.next((report) => report.kind === 'fact' && report.fact.state === 'ended')
      expect(await calls.stop()).toBe(0)
      await softphone.crash()

      const facts = calls.reports.flatMap((report) => (report.kind === 'fact' ? [report] : []))
      expect(facts.map(({ from, fact }) => `${from} ${fact.state}`)).toEqual([
        'audio-sessions talking',
        'consent-store ended',
      ])
      const reports: CallSnapshot[] = []
      const ended = Promise.withResolvers<CallSnapshot>()
      const shell = createCallShell({
        clock: systemClock,
        newId: () => ulid(),
        extension: () => '201',
        recording: () => undefined,
        report: (call) => {
          reports.push(call)
          if (call.phase === 'talking') shell.fact(facts[1]!.fact)
          if (call.phase === 'wrap-up') ended.resolve(call)
        },
        onChange: () => undefined,
      })
      shell.fact(facts[0]!.fact)
      await ended.promise
      expect(new Set(reports.map(({ callId }) => callId)).size).toBe(1)
      shell.stop()
    })
  },
)
