import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { openSettings } from '../../src/main/process/settings.ts'
import { aFolder } from '../../testing/sounds.ts'

const open = (target: string, more: Partial<Parameters<typeof openSettings>[0]> = {}) =>
  openSettings({ path: target, environment: {}, ...more })

describe("the agent's settings", () => {
  it('settings need no file: each has a default', async () => {
    await using folder = await aFolder()
    const { value } = await open(path.join(folder.path, 'settings.json'))
    expect(value).toMatchObject({ extension: '', locale: 'fr', email: '' })
    expect(value.hub).toBeUndefined()
  })

  it('settings are kept over restarts, with the fields that this version does not know', async () => {
    await using folder = await aFolder()
    const target = await folder.file('settings.json', '{"extension":"201","color":"green"}')
    const settings = await open(target)
    await settings.change({ locale: 'en' })
    expect(settings.value).toMatchObject({ extension: '201', locale: 'en' })
    expect(JSON.parse(await readFile(target, 'utf8'))).toEqual({
      extension: '201',
      color: 'green',
      locale: 'en',
    })
    expect((await open(target)).value.locale).toBe('en')
  })

  it('settings of environment and command line win over the file, and are not written into it', async () => {
    await using folder = await aFolder()
    const target = await folder.file('settings.json', '{"extension":"201","locale":"en"}')
    const settings = await open(target, {
      environment: { NINJA_AGENT_EXTENSION: '305', NINJA_AGENT_NAME: '' },
      overrides: { locale: 'fr' },
    })
    expect(settings.value).toMatchObject({ extension: '305', locale: 'fr', name: '' })
    await settings.change({ name: 'Léa' })
    expect(JSON.parse(await readFile(target, 'utf8'))).toEqual({
      extension: '201',
      locale: 'en',
      name: 'Léa',
    })
  })

  it('settings name the telephone’s programs by environment and command line, too', async () => {
    await using folder = await aFolder()
    const target = await folder.file('settings.json', '{"phonePrograms":"zoiper"}')
    const environment = { NINJA_AGENT_PHONE_PROGRAMS: 'linphone, chrome' }
    expect((await open(target, { environment })).value.phonePrograms).toBe('linphone, chrome')
    const settings = await open(target, { environment, overrides: { phonePrograms: 'chrome' } })
    expect([settings.value.phonePrograms, settings.origin('phonePrograms')]).toEqual([
      'chrome',
      'command-line',
    ])
  })

  it('settings saved by Windows’ Notepad, with its byte order mark, are read', async () => {
    await using folder = await aFolder()
    const target = await folder.file('settings.json', '\uFEFF{"extension":"201"}')
    expect((await open(target)).value.extension).toBe('201')
  })

  it.each([
    ['{"hub":"ftp://hub"}', /hub = "ftp:\/\/hub"/],
    ['{"extension":"20 1"}', /extension = "20 1".*digits, letters/],
    ['{"email":"nobody"}', /email = "nobody"/],
    ['{"locale":"de"}', /locale = "de".*"fr"\|"en"/],
    ['{"version":9}', /version = 9/],
    [
      '{"phonePrograms":"chrome;*"}',
      /phonePrograms = "chrome;\*".*'\*': that would be every program; name the telephone/,
    ],
    ['{"phonePrograms":"title:x"}', /'title:x': write title: and words with \{name\}/],
    ['{"extension":"20 1","locale":"de"}', /extension.*locale/],
  ])('the settings file %s is refused, naming key, value and what is allowed', async (text, words) => {
    await using folder = await aFolder()
    const target = await folder.file('settings.json', text)
    await expect(open(target)).rejects.toThrow(words)
    await expect(open(target)).rejects.toThrow(target)
  })

  it('settings that are no JSON are refused with the remedy, and left as they are', async () => {
    await using folder = await aFolder()
    const target = await folder.file('settings.json', '{"extension":')
    await expect(open(target)).rejects.toThrow(
      `${target} is no settings file (JSON): correct it, or remove it`,
    )
    expect(await readFile(target, 'utf8')).toBe('{"extension":')
  })

  it('settings that cannot be read or written are reported so', async () => {
    await using folder = await aFolder()
    const target = path.join(folder.path, 'settings.json')
    await mkdir(target)
    await expect(open(target)).rejects.toThrow(`${target} cannot be read`)
    const elsewhere = path.join(folder.path, 'gone', 'settings.json')
    const settings = await open(elsewhere)
    await expect(settings.change({ extension: '201' })).rejects.toThrow(`${elsewhere} cannot be written`)
    expect(settings.value.extension).toBe('')
  })

  it('settings refuse a wrong change and keep all values, also for the next change', async () => {
    await using folder = await aFolder()
    const target = await folder.file('settings.json', '{"extension":"201"}')
    const settings = await open(target)
    await expect(settings.change({ email: 'nobody' })).rejects.toThrow('email = "nobody"')
    expect(settings.value).toMatchObject({ extension: '201', email: '' })
    await settings.change({ name: 'Léa' })
    expect(JSON.parse(await readFile(target, 'utf8'))).toEqual({ extension: '201', name: 'Léa' })
  })
})
