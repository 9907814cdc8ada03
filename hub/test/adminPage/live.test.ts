import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { EnrollResponse } from '@3cx-ninja/protocol'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { adminTuning } from '../../admin/src/tuning.ts'
import { aWorkerOffer } from '../../testing/messages.ts'
import { startSandbox, SANDBOX_CLIENT } from '../../testing/sandboxNinjaOne.ts'
import type { TestHub } from '../../testing/startHub.ts'
import { faultsOf } from './axe.ts'
import { launchChromium } from '../../../test/browser/launchChromium.ts'
import { openAdmin, openAdminScreen, removeBuild, startHubWithPage } from './world.ts'

const WATCH_MS = adminTuning.watchMs
let browser: Browser
beforeAll(async () => void (browser = await launchChromium()))
afterAll(async () => {
  await browser.close()
  await removeBuild()
})

const row = (page: Page, name: string) => page.locator('tbody tr', { hasText: name })
const saved = async (hub: TestHub) =>
  JSON.parse(await readFile(path.join(hub.folder, 'hub-settings.json'), 'utf8')) as Record<
    string,
    Record<string, unknown>
  >

it('opens the admin page once by its link, creates a worker key, shows the worker connect, and revokes it', async () => {
  await using hub = await startHubWithPage()
  await using screen = await openAdminScreen(browser)
  const link = hub.hub.adminLink()
  await hub.ask(link) // a preview of the link
  const { page } = screen
  await page.goto(link)
  await page.getByRole('heading', { level: 1, name: 'Vue d’ensemble' }).waitFor()
  expect(page.url()).not.toContain('once')

  await page.getByRole('link', { name: 'Clés d’inscription' }).click()
  await page.getByLabel('Pour', { exact: true }).selectOption('worker')
  await page.getByLabel('Utilisations', { exact: true }).fill('0')
  await page.getByRole('button', { name: 'Créer la clé' }).click()
  await page.getByText('Un nombre entier de 1 à 10').waitFor()
  await page.getByLabel('Utilisations', { exact: true }).fill('1')
  await page.getByRole('button', { name: 'Créer la clé' }).click()
  const command = await page
    .locator('.copy', { hasText: 'Ligne de commande du worker' })
    .locator('input')
    .inputValue()
  await screen.shoot('admin-made-key.png')
  expect(await faultsOf(page)).toEqual([])
  const key = /^npm run worker -- --hub (\S+) --enrollment-key (\S+) --model \S+$/.exec(command)?.[2] ?? ''
  const body = JSON.stringify({ role: 'worker', secret: key.split('.')[0], name: 'gpu-07', machine: 'SRV-7' })
  const enrolled = await hub.ask('/api/enroll', { body })
  expect(enrolled.status).toBe(200)
  await page.reload()
  await page.locator('summary', { hasText: '1 clé expirée ou épuisée' }).waitFor()
  expect(await page.locator('main').innerText()).not.toContain(key)

  const worker = await hub.connect('worker', enrolled.json<EnrollResponse>())
  worker.send(aWorkerOffer({ name: 'gpu-07' }))
  await page.getByRole('link', { name: 'Postes inscrits' }).click()
  await row(page, 'gpu-07').getByText('Connecté').waitFor()
  await page.getByRole('button', { name: 'Révoquer gpu-07' }).click()
  await screen.shoot('admin-dialog.png')
  expect(await faultsOf(page)).toEqual([])
  await page.getByRole('dialog').getByRole('button', { name: 'Annuler' }).click()
  expect(await row(page, 'gpu-07').count()).toBe(1)
  await page.getByRole('button', { name: 'Révoquer gpu-07' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Révoquer' }).click()
  expect((await worker.closed).code).toBe(4401)
  await page.getByText('Aucune machine n’est encore inscrite').waitFor()

  await using other = await openAdminScreen(browser)
  await other.page.goto(link)
  await other.page.getByText('Ce lien a déjà servi').waitFor()
  expect([...screen.faults, ...other.faults]).toEqual([])
})

it('spends the link’s code only on a visible page: a prerendered page waits', async () => {
  await using hub = await startHubWithPage()
  await using screen = await openAdminScreen(browser)
  const { page } = screen
  const posts: string[] = []
  page.on('request', (request) => void (request.method() === 'POST' && posts.push(request.url())))
  await page.addInitScript(() =>
    Object.defineProperty(document, 'prerendering', { value: true, configurable: true }),
  )
  await page.goto(hub.hub.adminLink(), { waitUntil: 'networkidle' })
  expect(posts).toEqual([])
  await page.evaluate(() => document.dispatchEvent(new Event('prerenderingchange')))
  await page.getByRole('heading', { level: 1, name: 'Vue d’ensemble' }).waitFor()
  expect(posts).toHaveLength(1)
})

it('creates a link that signs a second administrator in while the first stays signed in', async () => {
  await using hub = await startHubWithPage()
  await using screen = await openAdminScreen(browser)
  const page = await openAdmin(hub, screen)
  await page.getByRole('button', { name: 'Créer un lien' }).click()
  const link = await page.getByLabel('Lien d’administration', { exact: true }).inputValue()
  await using other = await openAdminScreen(browser)
  await other.page.goto(link)
  await other.page.getByRole('heading', { level: 1, name: 'Vue d’ensemble' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'Vue d’ensemble' }).waitFor()
})

it('creates a link that opens the wallboard in a browser', async () => {
  await using hub = await startHubWithPage()
  await using screen = await openAdminScreen(browser)
  await screen.page.clock.install()
  const page = await openAdmin(hub, screen, 'keys')
  await page.getByRole('button', { name: 'Créer le lien' }).click()
  await page.getByText('Donnez un nom à l’écran').waitFor()
  await page.getByLabel('Nom de l’écran').fill('Salle du support')
  await page.getByRole('button', { name: 'Créer le lien' }).click()
  const link = await page
    .locator('.copy', { hasText: 'Adresse du tableau mural' })
    .locator('input')
    .inputValue()
  const once = new URL(link).searchParams.get('once') ?? ''
  const admitted = await hub.ask('/api/wallboard/screens', { body: JSON.stringify({ once }) })
  const token = /^__Host-wallboard=([^;]+)/.exec(String(admitted.headers['set-cookie']))?.[1] ?? ''
  const wallboard = await hub.connect('wallboard', { id: '', token })
  await page.getByRole('link', { name: 'Postes inscrits' }).click()
  await row(page, 'Salle du support').getByText('Connecté').waitFor()
  wallboard.close()
  await wallboard.closed
  await page.clock.fastForward(WATCH_MS)
  await row(page, 'Salle du support').getByText('Hors ligne').waitFor()
})

it('writes a changed setting to the file, shows a fault at its field, and locks a setting of the environment', async () => {
  await using hub = await startHubWithPage({ environment: { LOG_LEVEL: 'warn' } })
  await using screen = await openAdminScreen(browser)
  const page = await openAdmin(hub, screen, 'settings')
  const countdown = page.getByRole('textbox', { name: 'Compte à rebours (secondes)' })
  await countdown.fill('4')
  await page.getByLabel('Délai d’annulation (secondes)').fill('7')
  await page.getByText('2 modifications non enregistrées').waitFor()
  await page.getByRole('button', { name: 'Enregistrer', exact: true }).click()
  await page.getByText('une valeur est refusée').waitFor()
  expect(await countdown.getAttribute('aria-invalid')).toBe('true')
  expect(await page.locator('#setting-tickets-countdownSeconds-fault').innerText()).toBe(
    'Il faut un nombre entier de 5 à 120.',
  )
  expect(await countdown.evaluate((field) => field === document.activeElement)).toBe(true)
  await screen.shoot('admin-refused.png')
  expect(await faultsOf(page)).toEqual([])
  expect((await saved(hub))['tickets']).toBeUndefined()

  await countdown.fill('40')
  await page.getByRole('button', { name: 'Enregistrer', exact: true }).click()
  await page.getByText('Le hub doit redémarrer').waitFor()
  expect((await saved(hub))['tickets']).toEqual({ countdownSeconds: 40, undoSeconds: 7 })
  expect(await countdown.inputValue()).toBe('40')

  const locked = page.getByLabel('Niveau du journal')
  expect(await locked.isDisabled()).toBe(true)
  expect(await locked.inputValue()).toBe('warn')
  await page.getByText('Fixé par la variable d’environnement LOG_LEVEL').waitFor()
  expect(screen.faults).toEqual([])
})

it('searches settings by meaning without accents after the slash key, and shows all again after Escape', async () => {
  await using hub = await startHubWithPage({ settings: { tickets: { countdownSeconds: 20 } } })
  await using screen = await openAdminScreen(browser)
  const page = await openAdmin(hub, screen, 'settings')
  const shown = page.locator('.setting:visible')
  await shown.first().waitFor()
  const all = await shown.count()
  await page.keyboard.press('/')
  await page.keyboard.type('COMPTE a rebours')
  await page.getByText(/\d réglages? trouvés?/).waitFor()
  expect(await shown.locator('label').first().innerText()).toContain('Compte à rebours')
  expect(await shown.count()).toBeLessThan(all / 4)
  await screen.shoot('admin-settings-search.png')
  expect(await faultsOf(page)).toEqual([])
  await page.keyboard.type(' xyzzy')
  await page.getByText('Aucun réglage trouvé').waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => shown.count()).toBe(all)
  await page.getByLabel('Seulement les réglages modifiés').check()
  await expect.poll(() => shown.locator('code').allInnerTexts()).toContain('tickets.countdownSeconds')
  expect(await shown.locator('code').allInnerTexts()).not.toContain('tickets.undoSeconds')
})

it('undoes a save: the file’s earlier values return and new values are removed', async () => {
  await using hub = await startHubWithPage({ settings: { tickets: { countdownSeconds: 20 } } })
  await using screen = await openAdminScreen(browser)
  const page = await openAdmin(hub, screen, 'settings')
  await page.getByRole('textbox', { name: 'Compte à rebours (secondes)' }).fill('30')
  await page.getByLabel('Délai d’annulation (secondes)').fill('7')
  await page.getByRole('button', { name: 'Enregistrer', exact: true }).click()
  const toast = page.locator('.toast')
  await toast.getByText('Enregistré.').waitFor()
  await screen.shoot('admin-saved.png')
  expect(await faultsOf(page)).toEqual([])
  await toast.getByRole('button', { name: 'Annuler' }).click()
  await toast.getByText('Les valeurs d’avant').waitFor()
  expect((await saved(hub))['tickets']).toEqual({ countdownSeconds: 20 })
  await toast.getByRole('button', { name: 'Fermer' }).click()
  await toast.waitFor({ state: 'hidden' })
})

it('sets, keeps and clears a secret without ever showing it, and saves a list with one value per line', async () => {
  await using hub = await startHubWithPage({
    settings: { ninjaone: { clientSecret: 'known-only-to-the-file' } },
  })
  await using screen = await openAdminScreen(browser)
  const page = await openAdmin(hub, screen, 'settings')
  const save = () => page.getByRole('button', { name: 'Enregistrer', exact: true }).click()
  expect(await page.content()).not.toContain('known-only-to-the-file')
  await page.getByLabel('Numéros d’appelants').fill('+33123456789\n\n+33987654321')
  await save()
  await page.locator('.toast').getByText('Enregistré.').waitFor()
  expect((await saved(hub))['ninjaone']).toEqual({ clientSecret: 'known-only-to-the-file' })
  expect((await saved(hub))['recording']).toMatchObject({
    optOut: { numbers: ['+33123456789', '+33987654321'] },
  })
  const secret = page.locator('.setting', { hasText: 'ninjaone.clientSecret' })
  await secret.getByRole('button', { name: 'Effacer' }).click()
  await save()
  await secret.getByText('Non défini').waitFor()
  // The page never received the secret, so it cannot restore it.
  expect(await page.locator('.toast').getByRole('button', { name: 'Annuler' }).count()).toBe(0)
  expect((await saved(hub))['ninjaone']).toEqual({})
})

it('leads a new administrator to the consent rule first, by keyboard alone', async () => {
  await using hub = await startHubWithPage({ settings: { recording: { consent: { confirmed: false } } } })
  await using screen = await openAdminScreen(browser)
  const page = await openAdmin(hub, screen)
  const first = page.locator('.todo a').first()
  await first.waitFor()
  expect(await first.innerText()).toBe('Confirmer la règle de consentement')
  await first.focus()
  await page.keyboard.press('Enter')
  const confirm = page.getByLabel('J’ai vérifié cette règle et je la confirme')
  await expect.poll(() => confirm.evaluate((field) => field === document.activeElement)).toBe(true)
  await page.keyboard.press('Space')
  await page.keyboard.press('Enter')
  await page.locator('.toast').getByText('Enregistré.').waitFor()
  expect((await saved(hub))['recording']).toMatchObject({ consent: { confirmed: true } })
})

it('asks before an administrator leaves unsaved settings', async () => {
  await using hub = await startHubWithPage()
  await using screen = await openAdminScreen(browser)
  const page = await openAdmin(hub, screen, 'settings')
  await page.getByLabel('Nom du hub').fill('Autre nom')
  await page.getByRole('link', { name: 'Postes inscrits' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Rester' }).click()
  expect(await page.getByLabel('Nom du hub').inputValue()).toBe('Autre nom')
  await page.getByRole('link', { name: 'Postes inscrits' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Quitter sans enregistrer' }).click()
  await page.getByRole('heading', { level: 1, name: 'Postes inscrits' }).waitFor()
})

it('keeps the session over a reload and a restart of the hub, and reports a hub that does not respond', async () => {
  await using hub = await startHubWithPage({ settings: { listen: { port: await freePort() } } })
  await using screen = await openAdminScreen(browser)
  await screen.page.clock.install()
  const page = await openAdmin(hub, screen, 'clients')
  await page.reload()
  await page.getByText('Aucune machine n’est encore inscrite').waitFor()
  await hub.stop()
  await page.clock.fastForward(WATCH_MS)
  await page.getByText('Le hub ne répond pas').waitFor()
  await hub.restart()
  await hub.enroll('worker', { name: 'gpu-09' })
  await page.clock.fastForward(WATCH_MS)
  await row(page, 'gpu-09').waitFor()
  await page.getByRole('button', { name: 'Se déconnecter' }).click()
  await page.getByText('Vous êtes déconnecté').waitFor()
  await page.goto(`${hub.url}/admin`)
  await page.getByText('npm run hub -- --admin-link').waitFor()
})

it('keeps the chosen language and appearance over a reload', async () => {
  await using hub = await startHubWithPage()
  await using screen = await openAdminScreen(browser, { locale: 'de-DE' })
  const page = await openAdmin(hub, screen)
  await page.getByRole('heading', { level: 1, name: 'Vue d’ensemble' }).waitFor() // French when the browser asks for neither language
  await page.getByLabel('Langue').selectOption('en')
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  await page.getByLabel('Appearance').selectOption('dark')
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  const scheme = await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)
  expect(scheme).toBe('dark')
})

it('signs in to the helpdesk, returns to the page, and tests the helpdesk with real requests', async () => {
  await using sandbox = await startSandbox(createFakeClock(Date.now()))
  await using hub = await startHubWithPage({
    settings: { ninjaone: { host: sandbox.url, ...SANDBOX_CLIENT } },
  })
  await using screen = await openAdminScreen(browser)
  const page = await openAdmin(hub, screen, 'helpdesk')
  await page.getByRole('link', { name: 'Se connecter à NinjaOne' }).click()
  await page.locator('.notice--ok', { hasText: 'Connecté' }).waitFor()
  await page.getByRole('button', { name: 'Lancer le test' }).click()
  await page.getByText('Organisations : répond').waitFor()
  expect(await page.getByText(': répond').count()).toBe(4)
  expect(screen.faults).toEqual([])
})

it('creates the webhook secret, shows it once, and offers the template', async () => {
  await using hub = await startHubWithPage()
  await using screen = await openAdminScreen(browser)
  const page = await openAdmin(hub, screen, 'threecx')
  await page.getByRole('button', { name: 'Créer un secret' }).click()
  const secret = await page.locator('.copy', { hasText: 'Secret du webhook' }).locator('input').inputValue()
  expect(secret).toMatch(/^[0-9a-f]{48}$/)
  expect((await saved(hub))['threecx']).toEqual({ webhookSecret: secret })
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Télécharger le modèle' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('3cx-ninja-crm-template.xml')
  await page.reload()
  await page.getByText('Un secret est défini').waitFor()
  expect(await page.content()).not.toContain(secret)
})

it('draws names of clients as text, never as HTML', async () => {
  await using hub = await startHubWithPage()
  const hostile = '<img src=x onerror="document.title=1">'
  await hub.enroll('agent', { name: hostile, machine: hostile })
  await using screen = await openAdminScreen(browser)
  const page = await openAdmin(hub, screen, 'clients')
  await row(page, hostile).waitFor()
  expect(await page.locator('main img').count()).toBe(0)
  await page.getByRole('button', { name: 'Révoquer <img' }).click()
  await page.getByRole('dialog').getByText(hostile).waitFor()
  expect(await page.title()).toContain('Postes inscrits')
})

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net')
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
