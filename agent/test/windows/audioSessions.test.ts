import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import type { Clock } from '@3cx-ninja/protocol'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createAudioSessionsSource } from '../../src/main/detection/windows/audioSessions.ts'
import { createMicrophoneEvidence } from '../../src/main/detection/windows/microphoneEvidence.ts'
import { silentLogger } from '../../src/main/process/log.ts'
import { phonePrograms } from '../../src/main/telephone/phonePrograms.ts'

const recording = (...images: readonly string[]) =>
  JSON.stringify({
    kind: 'recording',
    by: 'notice',
    microphones: 1,
    programs: images.map((image) => ({ image })),
  })

/** Returns a process that writes these lines to its standard error, then does the rest; it ends with its standard input. */
const says = (
  lines: readonly string[],
  then = "process.stdin.on('end', () => process.exit(0)).resume()",
) => ({
  command: process.execPath,
  args: [
    '-e',
    `process.stderr.write(${JSON.stringify(lines.map((line) => `${line}\n`).join(''))}); ${then}`,
    '--',
  ],
})
const DIES = 'process.exitCode = 4'

/** Returns the source, started as often as `runs` are given, each with its helper. */
function aSource(clock: Clock = systemClock) {
  const reported: string[] = []
  let setting = ''
  let program: { readonly command: string; readonly args: readonly string[] } = says([])
  const checks = new Set<() => void>()
  const say = (what: string) => {
    reported.push(what)
    for (const check of [...checks]) check()
  }
  const source = createAudioSessionsSource({
    clock,
    log: silentLogger,
    softphones: () => ({ ...phonePrograms(setting, 'win32'), own: '3CX-Ninja Realtime.exe' }),
    evidence: createMicrophoneEvidence({ clock }),
    program: {
      get command() {
        return program.command
      },
      get args() {
        return program.args
      },
    },
  })
  return {
    source,
    reported,
    set: (list: string) => (setting = list),
    start(next: typeof program) {
      program = next
      const stop = source.start({
        fact: ({ state, leg }) => say(`${state} ${leg ?? ''}`),
        changed: () => say(source.state().at),
        failed: ({ message }) => say(`failed: ${message}`),
      })
      onTestFinished(stop)
      return stop
    },
    until: (what: RegExp) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (!reported.some((each) => what.test(each))) return
          checks.delete(check)
          resolve()
        }
        checks.add(check)
        check()
      }),
    facts: () => reported.filter((each) => /^(talking|ended)/.test(each)),
  }
}

describe('calls from the sessions of Windows’ sound system', () => {
  it('a helper that dies in mid-call and comes back ends no call; a call hung up meanwhile has ended', async () => {
    const { start, until, facts } = aSource()
    const stop = start(says([recording('3CXDesktopApp.exe', 'chrome.exe')], DIES))
    await until(/^failed: .*it ended with 4/)
    await stop()
    const again = start(says([recording('3CXDesktopApp.exe')]))
    await until(/^watching/)
    expect(facts()).toEqual(['talking 3cxdesktopapp.exe'])
    await again()
    start(says([recording()]))
    await until(/^ended/)
    expect(facts()).toEqual(['talking 3cxdesktopapp.exe', 'ended 3cxdesktopapp.exe'])
  })

  it('a helper that dies in mid-call and does not come back ends its calls, which would never end otherwise', async () => {
    const { start, until, reported } = aSource()
    const first = start(says([recording('3CXDesktopApp.exe')], DIES))
    await until(/^failed: .*it ended with 4/)
    await first()
    start({ command: '/no/such/ninja-loopback.exe', args: [] })
    await until(/^ended/)
    expect(reported.at(-1)).toMatch(
      /^failed: .*cannot be started.*install the agent again, or allow it to run/,
    )
    expect(reported.at(-2)).toBe('ended 3cxdesktopapp.exe')
  })

  it.each([
    ['something else', '{"kind":"recording","programs":"all"}'],
    ['half a line of JSON', '{"kind":'],
  ])('a helper that writes %s is ended and reported', async (_, line) => {
    const { start, until, source } = aSource()
    start(says([recording(), line]))
    await until(/^failed: .*not its protocol; install the agent again/)
    expect(source.state()).toMatchObject({ at: 'failed' })
  })

  it('a helper may print lines of the system’s loader, which are ignored', async () => {
    const { start, until, facts } = aSource()
    start(says(['it looks like wine32 is missing', recording('3CXPhone.exe')]))
    await until(/^talking/)
    expect(facts()).toEqual(['talking 3cxphone.exe'])
  })

  it('a silent helper is ended', async () => {
    const clock = createFakeClock()
    const { start, until } = aSource(clock)
    start(says([recording()]))
    await until(/^watching/)
    await clock.advance(31_000)
    await until(/^failed: .*it says nothing any more/)
    expect(clock.pending).toBe(0)
  })

  it('a helper that Windows refuses is reported with its own reason', async () => {
    const { start, until } = aSource()
    const refusal = '{"kind":"error","code":"hresult:0x80004001","text":"This system does not list them."}'
    start(says([refusal], 'process.exitCode = 3'))
    await until(/^failed: .*This system does not list them\. \(hresult:0x80004001\)/)
  })

  it('a browser added to the settings counts with the next line of the helper', async () => {
    const { start, until, facts, set } = aSource()
    const alive = `setInterval(() => process.stderr.write('{"kind":"alive"}\\n'), 20); process.stdin.on('end', () => process.exit(0)).resume()`
    const stop = start(says([recording('chrome.exe', '3CX-Ninja Realtime.exe')], alive))
    await until(/^watching/)
    expect(facts()).toEqual([])
    set('3cx*;chrome')
    await until(/^talking/)
    set('')
    await until(/^ended/)
    expect(facts()).toEqual(['talking chrome.exe', 'ended chrome.exe'])
    await stop()
  })
})
