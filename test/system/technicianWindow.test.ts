import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { readStereoFile } from '../../agent/src/main/capture/sources/readStereoFile.ts'
import { startPulseServer, type PulseServer } from '../../agent/testing/pulse/pulseServer.ts'
import { launchChromium } from '../browser/launchChromium.ts'
import { readReference } from '../../scripts/demo/reference.ts'
import { FILED_MS, TRANSCRIBED_MS, openCompany, type Company } from './support/company.ts'
import { transcriptsOf } from './support/ticketText.ts'

const TECHNICIAN = 'Camille Durand'
/** Length of the first sentences of call 1, up to the caller's problem; virtual sound devices play in real time only. */
const SECONDS = 18.4
const shot = (name: string) => `test/artifacts/${name}.png`

describe('the technician’s window during a call through sound devices', () => {
  it('the technician’s window shows both speakers live, the draft with its countdown, and the filed ticket', async () => {
    await using set = await aWorkplace()
    const { company, page, pulse, hub } = set
    const telephone = await pulse.startTelephone()
    await page.getByText('Thomas Girard').first().waitFor({ timeout: TRANSCRIBED_MS })
    const played = playCall(pulse)
    await page.getByText(/support informatique/i).waitFor({ timeout: TRANSCRIBED_MS })
    await page
      .getByText(/Menuiserie Lambert à Nantes/i)
      .first()
      .waitFor({ timeout: TRANSCRIBED_MS })
    await page.screenshot({ path: shot('agent-window-call') })
    await played
    await page
      .getByText(/imprimante ne répond plus/i)
      .first()
      .waitFor({ timeout: TRANSCRIBED_MS })
    await telephone.hangUp()
    await page
      .getByLabel(/Compte à rebours avant/i)
      .first()
      .waitFor({ timeout: TRANSCRIBED_MS })
    await page.screenshot({ path: shot('agent-window-countdown') })
    await page
      .getByText(/Ticket n°\s\d+ créé/i)
      .first()
      .waitFor({ timeout: FILED_MS })
    await page.screenshot({ path: shot('agent-window-filed') })
    await hub.waitFor(
      'the filed text',
      (line) => line.msg === 'outbox.created' && line.kind === 'comment',
      FILED_MS,
    )
    await expectOneTicket(company)
  })

  it('a call ends with the same ticket when the hub stops during it and returns after it', async () => {
    await using set = await aWorkplace()
    const { company, page, pulse, hub } = set
    const telephone = await pulse.startTelephone()
    await page.getByText('Thomas Girard').first().waitFor({ timeout: TRANSCRIBED_MS })
    const played = playCall(pulse)
    await page.getByText(/support informatique/i).waitFor({ timeout: TRANSCRIBED_MS })
    expect(await hub.kill('SIGTERM')).toBe(0)
    await page.getByText(/Le hub ne répond pas/i).waitFor({ timeout: TRANSCRIBED_MS })
    await page.screenshot({ path: shot('agent-window-offline') })
    await played
    await telephone.hangUp()
    await page
      .getByText(/Appel terminé/i)
      .first()
      .waitFor({ timeout: TRANSCRIBED_MS })
    expect(await company.tickets()).toEqual([])

    const again = await company.startHub()
    await page
      .getByText(/Ticket n°\s\d+ créé/i)
      .first()
      .waitFor({ timeout: FILED_MS })
    await again.waitFor(
      'the filed text',
      (line) => line.msg === 'outbox.created' && line.kind === 'comment',
      FILED_MS,
    )
    await expectOneTicket(company)
  })
})

/** Starts every part, a private sound server, and the window in a browser; the 3CX client's link reports the ringing call. */
async function aWorkplace() {
  const stack = new AsyncDisposableStack()
  const company = stack.use(await openCompany())
  const pulse = stack.use(await startPulseServer())
  await company.startNinjaone()
  const hub = await company.startHub()
  await company.signInNinjaone()
  await company.startWorker()
  const environment = Object.fromEntries(
    Object.entries(pulse.environment).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
  const { part, link } = await company.startAgentWeb(
    ['--parec', 'follow,follow', '--sources', 'pulse'],
    environment,
  )
  const browser = await launchChromium()
  stack.defer(() => browser.close())
  const page: Page = await browser.newPage({ viewport: { width: 420, height: 720 }, locale: 'fr-FR' })
  await page.goto(link)
  await page.getByText(/Hub relié/i).waitFor({ timeout: TRANSCRIBED_MS })
  company.phone(part, { action: 'ring', number: '+33240112233', direction: 'inbound' })
  return { company, pulse, hub, page, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** Plays the agent's voice into the microphone and the caller's out of the loudspeaker, at the same time. */
async function playCall(pulse: PulseServer): Promise<void> {
  const { audio } = await readReference(1)
  const sound = await readStereoFile(audio)
  const samples = Math.round(SECONDS * 16_000)
  await Promise.all([
    pulse.play('micfeed', sound.agent.subarray(0, samples)),
    pulse.play('speaker', sound.caller.subarray(0, samples)),
  ])
}

async function expectOneTicket(company: Company): Promise<void> {
  const tickets = await company.tickets()
  expect(tickets).toHaveLength(1)
  expect(tickets[0]!.subject).toMatch(/imprimante/i)
  const [lines = [], ...others] = transcriptsOf(tickets[0]!, TECHNICIAN)
  expect(others).toEqual([])
  const said = (channel: 'agent' | 'caller') =>
    lines
      .filter((line) => line.channel === channel)
      .map(({ text }) => text)
      .join(' ')
  expect(said('agent')).toMatch(/support informatique.*que puis-je faire/is)
  expect(said('caller')).toMatch(/Thomas Girard.*imprimante ne répond plus/is)
}
