import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeskSnapshot } from '../../src/ipc/deskSnapshot.ts'
import { silentLogger } from '../../src/main/process/log.ts'
import { startWebServer } from '../../src/main/web/webServer.ts'
import { aTalkingDesk } from '../../testing/desk/deskBuilders.ts'
import { createFakeDesk } from '../../testing/desk/fakeDesk.ts'
import { openBrowser, openWindow, shoot, type OpenBrowser } from '../../testing/desk/windowPage.ts'

let open: OpenBrowser
beforeAll(async () => {
  open = await openBrowser()
})
afterAll(() => open[Symbol.asyncDispose]())

type Origin = NonNullable<DeskSnapshot['soundOrigins']['caller']>['origin']
const callerFrom = (origin: Origin) =>
  aTalkingDesk({ soundOrigins: { caller: { origin, label: 'Haut-parleurs (Realtek Audio)' } } })

describe('the source of the caller’s audio', () => {
  it('names the source of the caller’s audio where other programs are recorded too or a headset may stay silent, and only there', async () => {
    const desk = createFakeDesk({ desk: callerFrom('3cx-client') })
    const server = await startWebServer({
      desk,
      page: open.folder,
      port: 0,
      token: 'token',
      openRecording: async () => undefined,
      soundTest: () => undefined,
      log: silentLogger,
    })
    await using window = await openWindow(open.browser, server.link)
    const { page } = window
    await page.getByRole('meter', { name: 'Correspondant' }).waitFor()
    const line = page.locator('.caller__origin')
    expect(await line.count()).toBe(0)

    desk.show({ desk: callerFrom('system-loopback') })
    await page.getByText(/Entendu par la sortie par défaut de ce PC.*casque choisi dans 3CX/).waitFor()
    await shoot(page, 'caller-from-system-loopback')
    desk.show({ desk: callerFrom('everything-but-us') })
    await page.getByText(/sortie par défaut/).waitFor({ state: 'detached' })
    expect(await line.textContent()).toMatch(/\S/)
    await shoot(page, 'caller-from-everything-but-us')
    desk.show({ desk: callerFrom('monitor') })
    await line.waitFor({ state: 'detached' })
    await server.stop()
  })
})
