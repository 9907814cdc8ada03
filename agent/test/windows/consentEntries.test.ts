import { describe, expect, it } from 'vitest'
import {
  microphonePrograms,
  microphoneUses,
  type ConsentContext,
  type ConsentKey,
} from '../../src/main/detection/windows/consentEntries.ts'
import { knownPrograms } from '../../src/main/telephone/phonePrograms.ts'

const bootMs = Date.UTC(2026, 0, 5, 7, 0, 0)
const filetime = (ms: number) => BigInt(ms + 11_644_473_600_000) * 10_000n
const at = (minutes: number) => filetime(bootMs + minutes * 60_000)
const context: ConsentContext = { softphones: knownPrograms('win32'), bootMs, running: undefined }
const V18 = 'C:#Users#anna#AppData#Local#Programs#3CXDesktopApp#3CXDesktopApp.exe'

const aKey = (key: Partial<ConsentKey> = {}): ConsentKey => ({
  name: V18,
  packaged: false,
  start: at(10),
  stop: 0n,
  ...key,
})
const apps = (keys: readonly ConsentKey[], more: Partial<ConsentContext> = {}) =>
  microphoneUses(keys, { ...context, ...more }).map(({ app }) => app)

describe('what the microphone store of Windows says', () => {
  it('a softphone whose last use has no end holds the microphone since its start', () => {
    expect(microphoneUses([aKey()], context)).toEqual([
      { app: '3cxdesktopapp.exe', sinceMs: bootMs + 600_000, image: '3cxdesktopapp.exe' },
    ])
  })

  it.each([
    ['let go of', { stop: at(11) }],
    ['never taken', { start: 0n }],
    ['without a start', { start: undefined }],
    ['a start before 1601', { start: -5n }],
  ])('a consent entry shows no use: %s', (_, key) => expect(apps([aKey(key)])).toEqual([]))

  it.each([
    ['taken again after the last end', { stop: at(9) }],
    ['an end that is missing altogether', { stop: undefined }],
  ])('a consent entry shows a use: %s', (_, key) => expect(apps([aKey(key)])).toHaveLength(1))

  it('the package of V20 is matched by its name, whatever the publisher’s hash', () => {
    const v20 = aKey({ name: '3CXDMCC.3CX_a1b2c3d4e5f6g', packaged: true })
    expect(apps([v20])).toEqual(['3CXDMCC.3CX_a1b2c3d4e5f6g'])
    expect(apps([{ ...v20, packaged: false }])).toEqual([])
    expect(apps([aKey({ name: '3CXDMCC.3CXtra_a1', packaged: true })])).toEqual([])
  })

  it('classic clients are matched by their file name wherever they are installed, and no other program is', () => {
    const clients = ['D:#x#3CXSOFTPHONE.EXE', 'C:#ProgramData#3CXPhone for Windows#PhoneApp#3CXWin8Phone.exe']
    expect(apps(clients.map((name) => aKey({ name })))).toEqual(['3cxsoftphone.exe', '3cxwin8phone.exe'])
    const others = ['C:#Program Files#Google#Chrome#Application#chrome.exe', 'C:#3CXDesktopApp.exe#other.exe']
    expect(apps(others.map((name) => aKey({ name })))).toEqual([])
  })

  it('the consent entries follow the programs of the settings', () => {
    const softphones = { programs: ['Linphone.exe'], packages: ['Acme.Phone_'] }
    const keys = [
      aKey(),
      aKey({ name: 'C:#linphone.exe' }),
      aKey({ name: 'acme.phone_1', packaged: true, start: at(3) }),
    ]
    expect(apps(keys, { softphones })).toEqual(['linphone.exe', 'acme.phone_1'])
  })

  it('the consent entries name the programs that used the microphone, the newest first and each once, but never the agent itself', () => {
    const keys = [
      aKey({ start: at(1), stop: at(2) }),
      aKey({ name: 'C:#old#3CXDesktopApp.exe', start: at(0), stop: at(1) }),
      aKey({ name: 'C:#Google#chrome.exe', start: at(5), stop: 0n }),
      aKey({ name: 'MSTeams_8wekyb3d8bbwe', packaged: true, start: at(-60), stop: 0n }),
      aKey({ name: 'C:#a#3CX-Ninja Realtime.exe', start: at(6), stop: 0n }),
      aKey({ start: undefined }),
    ]
    const softphones = { ...knownPrograms('win32'), own: '3CX-Ninja Realtime.exe' }
    expect(microphonePrograms(keys, { ...context, softphones })).toEqual([
      { name: 'chrome.exe', usedAtMs: bootMs + 300_000, inUse: true, counts: false },
      { name: '3CXDesktopApp.exe', usedAtMs: bootMs + 60_000, inUse: false, counts: true },
      { name: 'MSTeams_8wekyb3d8bbwe', usedAtMs: bootMs - 3_600_000, inUse: false, counts: false },
    ])
  })

  it('the agent itself is never the telephone, though its name begins with 3CX', () => {
    const softphones = { programs: ['3cx*'], packages: [], own: '3CX-Ninja Realtime.exe' }
    const keys = [aKey(), aKey({ name: 'C:#a#3CX-Ninja Realtime.exe' })]
    expect(apps(keys, { softphones })).toEqual(['3cxdesktopapp.exe'])
  })

  it('an entry left open by a power cut is no call: it is older than this start of Windows', () => {
    expect(apps([aKey({ start: at(-1) })])).toEqual([])
  })

  it('an entry left open by a crash is no call: no such program runs', () => {
    expect(apps([aKey()], { running: new Set(['explorer.exe']) })).toEqual([])
    expect(apps([aKey()], { running: new Set(['3cxdesktopapp.exe']) })).toHaveLength(1)
  })

  it('a package is not searched among the processes: its process may have any name', () => {
    const v20 = aKey({ name: '3CXDMCC.3CX_a1', packaged: true })
    expect(apps([v20], { running: new Set(['explorer.exe']) })).toHaveLength(1)
  })

  it('entries of older paths of one client are one use, the newest', () => {
    const keys = [aKey({ name: 'C:#v1#3CXDesktopApp.exe', start: at(5) }), aKey(), aKey({ start: at(2) })]
    expect(microphoneUses(keys, context)).toMatchObject([{ sinceMs: bootMs + 600_000 }])
  })
})
