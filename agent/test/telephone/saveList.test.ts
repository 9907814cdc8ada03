import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { describe, expect, it } from 'vitest'
import { createDesk } from '../../src/main/desk/desk.ts'
import { silentLogger } from '../../src/main/process/log.ts'
import { fakeDeskParts } from '../../testing/desk/fakeDeskParts.ts'

async function aClient() {
  const fake = fakeDeskParts()
  const desk = createDesk({ ...fake.parts, clock: createFakeClock(), log: silentLogger })
  const client = desk.connect(() => undefined)
  return {
    settings: fake.parts.settings,
    save: (phonePrograms: string) =>
      client.call({ name: 'saveSettings', input: { changes: { phonePrograms } } }),
    async [Symbol.asyncDispose]() {
      client.close()
      await desk.stop()
    },
  }
}

describe('the list of telephone programs that the window saves', () => {
  it('a saved telephone list is kept line by line, and can be emptied', async () => {
    await using client = await aClient()
    expect(await client.save('chrome.exe\n!3CXPhone.exe')).toMatchObject({ ok: true, value: { ok: true } })
    expect(client.settings.value.phonePrograms).toBe('chrome.exe\n!3CXPhone.exe')
    expect(await client.save('')).toMatchObject({ ok: true, value: { ok: true } })
    expect(client.settings.value.phonePrograms).toBe('')
  })

  it('a telephone list is refused with each wrong entry and its correction, also from a page that did not check', async () => {
    await using client = await aClient()
    expect(await client.save('chrome\n*\n/usr/bin/x')).toMatchObject({
      ok: true,
      value: {
        ok: false,
        wrong: ['phonePrograms'],
        why: "'*': that would be every program; name the telephone; '/usr/bin/x': write the file's name only, such as 3CXDesktopApp.exe",
      },
    })
    expect(client.settings.value.phonePrograms).toBe('')
    expect(await client.save('x'.repeat(1_501))).toMatchObject({ ok: false, error: 'broken-argument' })
  })
})
