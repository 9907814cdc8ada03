// Policies that an administrator puts into the registry, printed by Windows' own reg.exe (Wine's), as the agent reads them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readManaged } from '../../src/main/policy/layers.ts'
import { parseRegistry } from '../../src/main/policy/registryText.ts'
import { outputOf, startInWine, startWine, whatWineLacks } from '../../testing/windows/wine.ts'

const lacks = await whatWineLacks()
if (lacks) process.stderr.write(`SKIPPED: policies of Windows under Wine. Remedy: ${lacks}\n`)

const KEY = 'HKLM\\Software\\Policies\\3CX-Ninja Realtime\\Agent'
const reg = async (...words: readonly string[]) =>
  (await outputOf(startInWine('reg', words))).output.toString()

let stopWine: () => Promise<void> = async () => undefined
beforeAll(async () => {
  if (!lacks) stopWine = await startWine()
}, 300_000)
afterAll(async () => {
  if (lacks) return
  await reg('delete', KEY, '/f')
  await stopWine()
})

describe.skipIf(lacks)(`policies of Windows under Wine${lacks ? ` (skipped: ${lacks})` : ''}`, () => {
  it(
    'policies name the telephone’s programs as a list (REG_MULTI_SZ) or as one text (REG_SZ)',
    { timeout: 60_000 },
    async () => {
      const read = async () => readManaged(parseRegistry(await reg('query', KEY, '/reg:64')))
      const list = 'chrome.exe\\0C:\\3CX\\3CX.exe\\03CXDMCC.3CX_\\0!3CXPhone.exe'
      await reg('add', KEY, '/v', 'PhonePrograms', '/t', 'REG_MULTI_SZ', '/d', list, '/f')
      await reg('add', KEY, '/v', 'extension', '/t', 'REG_DWORD', '/d', '201', '/f')
      expect(await read()).toEqual({
        values: { phonePrograms: 'chrome.exe\n3CXDMCC.3CX_\n!3CXPhone.exe', extension: '201' },
        ignored: ["PhonePrograms: 'C:\\3CX\\3CX.exe': write the file's name only, such as 3CXDesktopApp.exe"],
      })
      await reg('add', KEY, '/v', 'PhonePrograms', '/t', 'REG_SZ', '/d', 'chrome;linphone', '/f')
      expect((await read()).values).toMatchObject({ phonePrograms: 'chrome\nlinphone' })
    },
  )
})
