import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { describe, expect, it } from 'vitest'
import type { CallFact } from '../../src/main/call/callState.ts'
import {
  createClientWindowSource,
  type RunningProgram,
} from '../../src/main/detection/windows/clientWindow.ts'
import { silentLogger } from '../../src/main/process/log.ts'
import { knownPrograms } from '../../src/main/telephone/phonePrograms.ts'
import { knownTitles, titleHint, titlePattern } from '../../src/main/detection/windows/titles.ts'
import { windowsTuning } from '../../src/main/detection/windows/tuning.ts'
import { cpuTimeMs } from '../../../protocol/testing/cpuTime.ts'

const hint = (title: string, patterns = knownTitles) => titleHint(title, patterns)

describe('hints of window titles', () => {
  it.each([
    ['Jürgen Müller (+43123456) - 3CX', { remoteNumber: '+43123456', remoteName: 'Jürgen Müller' }],
    ['Incoming call - Anna (0123 456 789)', { remoteNumber: '0123456789', remoteName: 'Anna' }],
    ['Appel entrant: 0123456789', { remoteNumber: '0123456789' }],
    ['(+41 31 000 00 00)', { remoteNumber: '+41310000000' }],
  ])('a window title gives a hint: %s', (title, expected) => expect(hint(title)).toEqual(expected))

  it.each(['3CX', '', 'Settings', '3CX (20)', 'Chat - Anna', '3CX 20.0.1076', '12'])(
    'a window title gives no name: %j',
    (title) => expect(hint(title)?.remoteName).toBeUndefined(),
  )

  it('a window title is matched by expressions of the policy, with the groups number and name', () => {
    const patterns = [/^Anruf (?<name>.+) <(?<number>[0-9]+)>$/u]
    expect(hint('Anruf Eva <123>', patterns)).toEqual({ remoteNumber: '123', remoteName: 'Eva' })
    expect(hint('Jürgen (+43123456)', patterns)).toBeUndefined()
  })

  it('a hostile window title is read fast and bounded', () => {
    for (const title of [
      '('.repeat(100_000),
      `${'a '.repeat(50_000)}(`,
      '1 '.repeat(100_000),
      '\u0000\u202e'.repeat(9_999),
    ]) {
      let found: ReturnType<typeof hint>
      expect(cpuTimeMs(() => (found = hint(title)))).toBeLessThan(500)
      expect((found?.remoteName ?? '').length).toBeLessThanOrEqual(100)
      expect((found?.remoteNumber ?? '').length).toBeLessThanOrEqual(21)
    }
  })
})

describe('titles as the settings name them', () => {
  const read = (template: string, title: string) => titleHint(title, [titlePattern(template)])

  it.each([
    [
      '{name} ({number}) - 3CX',
      'Anna Müller (+43 123 456) - 3CX',
      { remoteName: 'Anna Müller', remoteNumber: '+43123456' },
    ],
    ['Appel de {number}*', 'Appel de 0123456789 sur la ligne 2', { remoteNumber: '0123456789' }],
    ['[{name}] $1.*', '[Léa] $1.50', { remoteName: 'Léa' }],
    ['{name} ({number}) - 3CX', '3CX', undefined],
    ['{number}', 'Anna', undefined],
  ])('the title template %s reads %s', (template, title, expected) => {
    expect(read(template, title)).toEqual(expected)
  })

  it('a title template is matched fast, whatever name the caller has', () => {
    const readAll = () => {
      for (const evil of ['1'.repeat(400), '1 '.repeat(200), 'a('.repeat(200), '((((1'.repeat(80)])
        for (const template of [
          '*{name} {number}',
          '{name}{number}*',
          '*{name}({number})',
          '{name}*{number})',
        ])
          read(template, evil)
    }
    expect(cpuTimeMs(readAll)).toBeLessThan(1_000)
  })
})

function aDesktop(programs: readonly RunningProgram[] = [{ pid: 7, image: '3cxsoftphone.exe' }]) {
  const clock = createFakeClock()
  const facts: CallFact[] = []
  const failures: string[] = []
  const pc = {
    programs: [...programs],
    titles: new Map<number, string>([[7, '3CX']]),
    readings: 0,
    broken: false,
  }
  const source = createClientWindowSource({
    clock,
    log: silentLogger,
    softphones: () => knownPrograms('win32'),
    tuning: windowsTuning,
    titles: () => knownTitles,
    openDesktop: async () => ({
      programs: () => {
        if (pc.broken) throw new Error('Windows does not list its processes; restart the PC.')
        return pc.programs
      },
      titles: (pids) => {
        pc.readings += 1
        return [...pc.titles].flatMap(([pid, title]) => (pids.has(pid) ? [title] : []))
      },
    }),
  })
  const start = () =>
    source.start({
      fact: (fact) => facts.push(fact),
      changed: () => undefined,
      failed: (error) => failures.push(error.message),
    })
  return { pc, clock, facts, failures, source, start }
}

describe('hints from the windows of the 3CX client', () => {
  it('a client window reports number and name once, and again when they change', async () => {
    const { pc, clock, facts, start } = aDesktop()
    const stop = start()
    await clock.advance(1_000)
    expect(facts).toEqual([])
    pc.titles.set(7, 'Anna (+4312345) - 3CX')
    await clock.advance(10_000)
    expect(facts).toEqual([
      { source: 'client-window', state: 'hint', remoteNumber: '+4312345', remoteName: 'Anna' },
    ])
    pc.titles.set(7, '3CX')
    await clock.advance(2_000)
    pc.titles.set(7, 'Anna (+4312345) - 3CX')
    await clock.advance(2_000)
    expect(facts).toHaveLength(2)
    await stop()
    expect(clock.pending).toBe(0)
  })

  it('the client window source reads no title of other programs, and none at all while no client runs', async () => {
    const { pc, clock, facts, source, start } = aDesktop([{ pid: 8, image: 'outlook.exe' }])
    pc.titles.set(8, 'Invoice (0123456789) - Outlook')
    const stop = start()
    await clock.advance(30_000)
    expect(facts).toEqual([])
    expect(pc.readings).toBe(0)
    expect(source.state()).toEqual({ at: 'watching', detail: 'no 3CX client runs' })
    pc.programs.push({ pid: 7, image: '3cxsoftphone.exe' })
    pc.titles.set(7, 'Anna (+4312345) - 3CX')
    await clock.advance(windowsTuning.noClientEveryMs)
    expect(facts).toHaveLength(1)
    await stop()
  })

  it('a Windows that does not answer fails the client window source with cause and remedy', async () => {
    const { pc, clock, failures, source, start } = aDesktop()
    const stop = start()
    await clock.advance(1_000)
    pc.broken = true
    await clock.advance(1_000)
    expect(failures).toEqual(['Windows does not list its processes; restart the PC.'])
    expect(source.state()).toMatchObject({ at: 'failed' })
    await stop()
    expect(clock.pending).toBe(0)
  })
})
