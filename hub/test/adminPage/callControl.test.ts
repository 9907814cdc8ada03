import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium } from '../../../test/browser/launchChromium.ts'
import { startSandboxPbx } from '../../../test/sandbox/pbx/callControl.ts'
import { faultsOf } from './axe.ts'
import { openAdmin, openAdminScreen, removeBuild, startHubWithPage } from './world.ts'

let browser: Browser
beforeAll(async () => void (browser = await launchChromium()))
afterAll(async () => {
  await browser.close()
  await removeBuild()
})

it('leads from the steps in 3CX through the test to a connected PBX, and names the technicians missing on its client', async () => {
  await using pbx = await startSandboxPbx()
  await using hub = await startHubWithPage()
  await hub.enroll('agent', { name: 'Nadia Benali', extension: '201' })
  await hub.enroll('agent', { name: 'Sophie Leroy', extension: '204' })
  await using screen = await openAdminScreen(browser)
  let page = await openAdmin(hub, screen, 'threecx')
  await page.getByText('Cochez « Call Control »').waitFor()
  await page.getByRole('button', { name: 'Tester la connexion' }).click()
  await page.getByText('Enregistrez d’abord l’adresse').waitFor()

  const callControl = { url: pbx.url, ...pbx.client }
  const admin = await hub.signInAdmin()
  await admin.ask('/api/admin/settings', 'PUT', {
    threecx: { callControl: { ...callControl, clientSecret: 'a-wrong-key' } },
  })
  await page.getByRole('button', { name: 'Tester la connexion' }).click()
  await page.getByText('3CX refuse le client ID et la clé').waitFor()
  await admin.ask('/api/admin/settings', 'PUT', { threecx: { callControl } })
  await page.getByRole('button', { name: 'Tester la connexion' }).click()
  await page.getByText('pas inscrites sur le client dans 3CX').waitFor()
  expect(await page.locator('.part--ok', { hasText: 'Flux des événements' }).count()).toBe(1)

  await hub.restart({ settings: { threecx: { callControl } } })
  await hub.logged('threecx.open')
  page = await openAdmin(hub, screen, 'threecx')
  await page.getByText('Connecté.').waitFor()
  await page.getByText('Sophie Leroy (204)').first().waitFor()
  await page.getByRole('button', { name: 'Tester la connexion' }).click()
  await page.getByText('pas inscrites sur le client dans 3CX').waitFor()
  await screen.shoot('admin-threecx-live-fr.png')
  expect(await faultsOf(page)).toEqual([])
  expect(await page.content()).not.toContain(pbx.client.clientSecret)
  pbx.modes.token = 401
  pbx.modes.api = 401
  pbx.replaceToken()
  pbx.cut()
  await page.getByText('Non connecté.').waitFor()
  expect(screen.faults).toEqual([])
})
