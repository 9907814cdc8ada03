import { describe, expect, it } from 'vitest'
import { launchChromium } from '../browser/launchChromium.ts'
import { readReference } from '../../scripts/demo/reference.ts'
import { ask } from '../../scripts/site/ask.ts'
import { FILED_MS, TRANSCRIBED_MS, draftAt, draftOf, transcribed, openCompany } from './support/company.ts'
import { errorRates, transcriptsOf } from './support/ticketText.ts'

const TECHNICIAN = 'Camille Durand'
const CALLER = { number: '+33240112233', direction: 'inbound' }

describe('one call, from ring to ticket, every part its own process', () => {
  it('a call appears live on the wallboard, counts down, and becomes one ticket with every word', async () => {
    await using company = await openCompany()
    const reference = await readReference(1)
    await company.startNinjaone()
    const hub = await company.startHub()
    await company.signInNinjaone()
    await company.startWorker()
    await using browser = await openBrowser()
    const wallboard = await browser.newPage({
      ignoreHTTPSErrors: true,
      viewport: { width: 1920, height: 1080 },
    })
    await wallboard.goto(await company.wallboardLink())
    const agent = await company.startAgent(['--audio', reference.audio, '--speed', '2'])
    company.phone(
      agent,
      { action: 'ring', ...CALLER },
      { action: 'talk' },
      { after: 'audio', action: 'hang-up' },
    )

    await wallboard.getByText('Camille', { exact: false }).first().waitFor({ timeout: TRANSCRIBED_MS })
    await agent.waitFor('the error named', transcribed(/quarante-deux/i), TRANSCRIBED_MS)
    await wallboard.getByText(/quarante-deux/i).waitFor({ timeout: TRANSCRIBED_MS })
    await wallboard.screenshot({ path: 'test/artifacts/wallboard-live.png' })

    const counting = draftOf(await agent.waitFor('a countdown', draftAt('countdown'), TRANSCRIBED_MS))
    expect(counting?.fields.contactName).toBe('Thomas Girard')
    expect(counting?.fields.organizationName).toBe('Menuiserie Lambert')
    await agent.waitFor('a filed draft', draftAt('filed'), FILED_MS)
    await hub.waitFor(
      'the filed text',
      (line) => line.msg === 'outbox.created' && line.kind === 'comment',
      FILED_MS,
    )

    const tickets = await company.tickets()
    expect(tickets).toHaveLength(1)
    expect(tickets[0]!.subject).toMatch(/imprimante/i)
    expect(tickets[0]!.clientId).toBe(41)
    const [transcript = [], ...others] = transcriptsOf(tickets[0]!, TECHNICIAN)
    expect(others).toEqual([])
    const rates = errorRates(reference, transcript)
    expect(rates.agent, JSON.stringify(transcript)).toBeLessThanOrEqual(0.1)
    expect(rates.caller, JSON.stringify(transcript)).toBeLessThanOrEqual(0.1)
    await wallboard
      .getByText(`#${tickets[0]!.id}`, { exact: false })
      .first()
      .waitFor({ timeout: TRANSCRIBED_MS })
    await wallboard.screenshot({ path: 'test/artifacts/wallboard-filed.png' })
    const health = await ask(`${company.hubUrl}/health`, { ca: await company.ca() })
    expect(health.status, health.text).toBe(200)
  })

  it('without a worker, the draft is proposed with the facts of the call, and the text follows as a comment', async () => {
    await using company = await openCompany({
      tickets: { countdownSeconds: 5, undoSeconds: 1, settleSeconds: 3, maxWaitSeconds: 1 },
    })
    const reference = await readReference(2)
    await company.startNinjaone()
    const hub = await company.startHub()
    await company.signInNinjaone()
    const agent = await company.startAgent(['--audio', reference.audio, '--speed', '20'])
    company.phone(
      agent,
      { action: 'ring', ...CALLER },
      { action: 'talk' },
      { after: 'audio', action: 'hang-up' },
    )
    await agent.waitFor('a filed draft', draftAt('filed'), FILED_MS)
    const [early, ...none] = await company.tickets()
    expect(none).toEqual([])
    expect(transcriptsOf(early!, TECHNICIAN)).toEqual([])

    await company.startWorker()
    await hub.waitFor(
      'the filed text',
      (line) => line.msg === 'outbox.created' && line.kind === 'comment',
      FILED_MS,
    )
    const tickets = await company.tickets()
    expect(tickets).toHaveLength(1)
    const [transcript = []] = transcriptsOf(tickets[0]!, TECHNICIAN)
    const rates = errorRates(reference, transcript)
    expect((rates.agent + rates.caller) / 2, JSON.stringify(transcript)).toBeLessThanOrEqual(0.15)
  })
})

async function openBrowser() {
  const browser = await launchChromium()
  return Object.assign(browser, { [Symbol.asyncDispose]: () => browser.close() })
}
