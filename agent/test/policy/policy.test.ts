import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { readPolicies } from '../../src/main/policy/readPolicy.ts'
import { parseRegistry } from '../../src/main/policy/registryText.ts'
import { openSettings } from '../../src/main/process/settings.ts'

async function aMachine(files: { policy?: string; installer?: string; user?: string }) {
  const folder = await mkdtemp(path.join(tmpdir(), 'policy-'))
  const at = (name: string) => path.join(folder, `${name}.json`)
  for (const [name, text] of Object.entries(files)) await writeFile(at(name), text)
  const odd: string[] = []
  const policies = await readPolicies({
    platform: 'linux',
    locations: { policy: at('policy'), installer: at('installer') },
    onIgnored: ({ detail }) => odd.push(detail),
  })
  const settings = await openSettings({
    path: at('user'),
    environment: { NINJA_AGENT_EXTENSION: '300', NINJA_AGENT_NAME: 'From environment' },
    managed: { policy: policies.policy.values, installer: policies.installer.values },
  })
  return {
    settings,
    policies,
    odd,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

describe('values that administrators set', () => {
  it('values count in the order policy, installer, environment, user’s file, and each names its origin', async () => {
    await using machine = await aMachine({
      policy: '{"hub":"https://policy.example:3000","ENROLLMENTKEY":"k.p"}',
      installer: '{"hub":"https://installer.example:3000","extension":"200"}',
      user: '{"hub":"https://user.example","extension":"100","name":"User","locale":"en"}',
    })
    const { settings, policies } = machine
    const shown = (['hub', 'extension', 'name', 'locale', 'theme'] as const).map((key) => [
      settings.value[key],
      settings.origin(key),
    ])
    expect(shown).toEqual([
      ['https://policy.example:3000', 'policy'],
      ['200', 'installer'],
      ['From environment', 'environment'],
      ['en', 'user'],
      ['system', 'default'],
    ])
    expect(policies.policy.enrollmentKey).toBe('k.p')
    await settings.change({ hub: 'https://else.example' })
    expect(settings.value.hub).toBe('https://policy.example:3000')
  })

  it('a wrong or unknown value is omitted and reported, and the rest is used', async () => {
    await using machine = await aMachine({ policy: '{"hub":"ftp://x","extension":"204","color":"red"}' })
    expect(machine.settings.value).toMatchObject({ extension: '204' })
    expect(machine.settings.value.hub).toBeUndefined()
    expect(machine.odd).toEqual([expect.stringMatching(/^hub: /), 'color: no such setting'])
  })

  it('telephone programs are set as a list or as lines; a wrong entry is reported with its remedy, and the right ones count', async () => {
    await using machine = await aMachine({
      policy:
        '{"phonePrograms":["chrome.exe","C:\\\\3CX\\\\3CX.exe","!3CXPhone.exe"],"startWithSystem":"no"}',
      installer: '{"phonePrograms":"linphone"}',
      user: '{"phonePrograms":"zoiper","startWithSystem":"yes"}',
    })
    const { settings } = machine
    expect(settings.value).toMatchObject({
      phonePrograms: 'chrome.exe\n!3CXPhone.exe',
      startWithSystem: 'no',
    })
    expect(settings.origin('phonePrograms')).toBe('policy')
    expect(machine.odd).toEqual([
      "phonePrograms: 'C:\\3CX\\3CX.exe': write the file's name only, such as 3CXDesktopApp.exe",
    ])
  })

  it('a list is accepted only for a setting that is a list', async () => {
    await using machine = await aMachine({
      policy: '{"extension":["201","202"],"phonePrograms":[7],"name":["Léa"]}',
    })
    expect(machine.settings.value).toMatchObject({ extension: '300', phonePrograms: '', name: 'Léa' })
    expect(machine.odd).toEqual([
      expect.stringMatching(/^extension: /),
      expect.stringMatching(/^phonePrograms: /),
    ])
  })

  it('a missing file gives no values, and a broken one is reported', async () => {
    await using none = await aMachine({})
    expect(none.odd).toEqual([])
    await using broken = await aMachine({ policy: '{"hub":' })
    expect(broken.odd).toHaveLength(1)
    expect(broken.settings.value.extension).toBe('300')
  })

  it('values are read from the output of reg.exe in any language', () => {
    const printed = [
      '',
      'HKEY_LOCAL_MACHINE\\Software\\Policies\\3CX-Ninja Realtime\\Agent',
      '    hub    REG_SZ    https://hub.example:3000',
      '    name    REG_SZ    ',
      '    Poste de travail    REG_EXPAND_SZ    204    B',
      '    mode    REG_DWORD    0x1f',
      '    blob    REG_BINARY    00FF',
      '    phonePrograms    REG_MULTI_SZ    chrome.exe\\03CXDMCC.3CX_\\0\\0',
      '    none    REG_MULTI_SZ    ',
      '',
      'HKEY_LOCAL_MACHINE\\Software\\Policies\\3CX-Ninja Realtime\\Agent\\Sub',
    ].join('\r\n')
    expect(parseRegistry(printed)).toEqual({
      hub: 'https://hub.example:3000',
      name: '',
      'Poste de travail': '204    B',
      mode: 31,
      phonePrograms: ['chrome.exe', '3CXDMCC.3CX_'],
      none: [],
    })
  })
})
