import { expect, it } from 'vitest'
import { silentLogger } from '../../src/main/process/log.ts'
import { startWebServer } from '../../src/main/web/webServer.ts'
import { aDesk } from '../../testing/desk/deskBuilders.ts'
import { createFakeDesk } from '../../testing/desk/fakeDesk.ts'
import { scenarioAnswers, SCENARIOS } from '../../testing/desk/scenarios.ts'
import { openBrowser, openWindow, shoot } from '../../testing/desk/windowPage.ts'

it('shows a ticket pane for a call on another phone that does not wait for a call to begin', async () => {
  const scenario = SCENARIOS.find(({ name }) => name === 'call-elsewhere')
  if (!scenario) throw new Error('no such scenario')
  await using open = await openBrowser()
  const desk = createFakeDesk({ desk: scenario.desk }, scenarioAnswers)
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
  const begins = page.getByText('dès que l’appel commence')
  await page.getByText(/Pas encore de brouillon pour cet appel/).waitFor()
  expect(await begins.count()).toBe(0)
  // A transfer to this PC would record the call automatically, so the technician may forbid that first.
  expect(await page.getByRole('button', { name: 'Ne pas enregistrer' }).count()).toBe(1)
  await shoot(page, 'call-elsewhere-pane')
  desk.show({ desk: aDesk({ calls: [] }) })
  await begins.waitFor()
  await server.stop()
})
