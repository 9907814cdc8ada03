import { describe, expect, it } from 'vitest'
import { parsePhonePrograms } from '../../src/ipc/phoneProgramList.ts'
import { isNamed, phonePrograms, windowsTargets } from '../../src/main/telephone/phonePrograms.ts'

describe('the list of telephone programs', () => {
  it('a telephone list holds programs, packages, titles and removals, one per line or with ; or , between', () => {
    const list =
      'chrome.exe; "Linphone"\r\n3CXDMCC.3CX_8wekyb3d8bbwe,Acme.Phone_*\n!3CXPhone.exe\ntitle: {name} ({number}) - 3CX\n'
    expect(parsePhonePrograms(list)).toMatchObject({
      entries: [
        { kind: 'program', text: 'chrome.exe' },
        { kind: 'program', text: 'Linphone' },
        { kind: 'package', text: '3CXDMCC.3CX_8wekyb3d8bbwe' },
        { kind: 'package', text: 'Acme.Phone_' },
        { kind: 'without', text: '3CXPhone.exe' },
        { kind: 'title', text: '{name} ({number}) - 3CX' },
      ],
      wrong: [],
    })
  })

  it('a telephone list reads a Linux program with an underscore as a program', () => {
    expect(parsePhonePrograms('zoom_linux').entries).toEqual([{ kind: 'program', text: 'zoom_linux' }])
  })

  it.each([
    ['C:\\Program Files\\3CX\\3CX.exe', 'path'],
    ['/usr/bin/chrome', 'path'],
    ['*', 'everything'],
    ['.exe', 'everything'],
    ['!', 'everything'],
    ['3*x', 'character'],
    ['a"b', 'character'],
    ['a?', 'character'],
    ['a\tb', 'character'],
    ['x'.repeat(121), 'too-long'],
    ['title:', 'title'],
    ['title: no place', 'title'],
    ['title: {name} {name}', 'title'],
    ['title: {digits}', 'title'],
    ['title: *{name}*', 'title'],
  ])('the entry %j is refused: %s', (entry, why) => {
    const { entries, wrong } = parsePhonePrograms(`chrome\n${entry}`)
    expect(entries).toHaveLength(1)
    expect(wrong).toEqual([{ entry: entry.slice(0, 120), why }])
  })

  it('a telephone list has at most 40 entries', () => {
    const { entries, wrong } = parsePhonePrograms(Array.from({ length: 42 }, (_, at) => `p${at}`).join(';'))
    expect(entries).toHaveLength(40)
    expect(wrong).toEqual([
      { entry: 'p40', why: 'too-many' },
      { entry: 'p41', why: 'too-many' },
    ])
  })
})

describe('the telephone’s programs', () => {
  it('the telephone programs are the known clients of 3CX by default, and on Windows not every program whose name begins so', () => {
    expect(phonePrograms('', 'linux')).toEqual({ programs: ['3cx*'], packages: [], titles: [] })
    const { programs, packages } = phonePrograms('', 'win32')
    expect(programs).toContain('3CXDesktopApp.exe')
    expect(programs.some((entry) => isNamed('3CX-Ninja Realtime.exe', entry))).toBe(false)
    expect(packages).toEqual(['3CXDMCC.3CX_'])
  })

  it('the telephone programs are the known ones and the setting’s, each once, the known ones first', () => {
    expect(phonePrograms('chrome;3cxphone', 'win32').programs).toEqual([
      '3CXSoftphone.exe',
      '3CXDesktopApp.exe',
      '3CXWin8Phone.exe',
      '3CXPhone.exe',
      'chrome',
    ])
    expect(phonePrograms('chrome', 'linux').programs).toEqual(['3cx*', 'chrome'])
  })

  it('the telephone programs omit those that the setting removes: one, or all that begin so', () => {
    expect(phonePrograms('!3cxphone', 'win32').programs).not.toContain('3CXPhone.exe')
    expect(phonePrograms('!3cx*;chrome', 'win32')).toMatchObject({ programs: ['chrome'], packages: [] })
    expect(phonePrograms('!3CXDMCC.3CX_*', 'win32').packages).toEqual([])
    expect(phonePrograms('!3cx*\nmyphone', 'linux').programs).toEqual(['myphone'])
  })

  it('the capture helper searches the telephone programs, the talking one first', () => {
    const phone = phonePrograms('chrome;!3cxphone;!3cxwin8phone', 'win32')
    expect(windowsTargets(phone, ['chrome.exe', '3CXDMCC.3CX_0abc'])).toEqual([
      'chrome.exe',
      'package:3CXDMCC.3CX_0abc',
      '3CXSoftphone.exe',
      '3CXDesktopApp.exe',
      'package:3CXDMCC.3CX_',
    ])
  })
})
