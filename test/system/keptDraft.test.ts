import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { launchChromium } from '../browser/launchChromium.ts'
import { FILED_MS, TRANSCRIBED_MS, openCompany } from './support/company.ts'

const shot = (name: string) => `test/artifacts/${name}.png`
const TYPED = 'Rappel demandé avant midi'

describe('what a technician types while the hub is away', () => {
  it('an edit made while the hub is away survives a killed agent, and becomes one ticket with the edited words', async () => {
    await using set = await aMissedCall()
    const { company, hub, page } = set
    const title = page.getByRole('textbox', { name: 'Titre' })
    await title.press('End')
    await page.keyboard.type(' !')
    await page.getByRole('heading', { name: 'Retenu' }).waitFor({ timeout: TRANSCRIBED_MS })
    expect(await hub.kill('SIGKILL')).toBe('SIGKILL')
    await page.getByText(/Le hub ne répond pas/).waitFor({ timeout: TRANSCRIBED_MS })
    await title.fill(TYPED)
    await page.getByRole('button', { name: 'Créer le ticket' }).click()
    await page.getByText('Vous avez décidé de créer le ticket.').waitFor()
    await page.getByText(/1 modification de ticket/).waitFor()
    await page.screenshot({ path: shot('agent-draft-kept') })

    await set.killAgent()
    await page.getByText('Sera envoyé au retour du hub').waitFor({ timeout: TRANSCRIBED_MS })
    expect(await title.inputValue()).toBe(TYPED)
    expect(await company.tickets()).toEqual([])

    await company.startHub()
    await expect.poll(() => company.tickets(), { timeout: FILED_MS }).toHaveLength(1)
    await page.getByText('Sera envoyé au retour du hub').waitFor({ state: 'detached' })
    await page.screenshot({ path: shot('agent-draft-kept-filed') })
    expect((await company.tickets()).map(({ subject }) => subject)).toEqual([TYPED])
  })
})

/** Starts every part except a worker, and the window in a browser: a missed call has a draft at once. */
async function aMissedCall() {
  const stack = new AsyncDisposableStack()
  const company = stack.use(
    await openCompany({ tickets: { countdownSeconds: 120, undoSeconds: 1, settleSeconds: 3 } }),
  )
  await company.startNinjaone()
  const hub = await company.startHub()
  await company.signInNinjaone()
  let agent = await company.startAgentWeb([])
  const browser = await launchChromium()
  stack.defer(() => browser.close())
  const page: Page = await browser.newPage({ viewport: { width: 1_180, height: 760 }, locale: 'fr-FR' })
  await page.goto(agent.link)
  await page.getByText('Hub relié').waitFor({ timeout: TRANSCRIBED_MS })
  company.phone(
    agent.part,
    { action: 'ring', number: '+33240112233', name: 'Thomas Girard', direction: 'inbound' },
    { action: 'hang-up' },
  )
  await page.getByRole('timer', { name: 'Compte à rebours' }).waitFor({ timeout: TRANSCRIBED_MS })
  return {
    company,
    hub,
    page,
    async killAgent() {
      await agent.part.kill('SIGKILL')
      agent = await company.startAgentWeb([])
      await page.goto(agent.link)
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
