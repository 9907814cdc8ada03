import path from 'node:path'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { encodeFrame, SAMPLES_PER_RECORD, type Channel, type LogRecord } from '@3cx-ninja/protocol'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildWallboard } from '../../../tv/scripts/buildWallboard.ts'
import { connectFakeWorker } from '../../testing/fakeWorker.ts'
import { startHub, type Member, type TestHub } from '../../testing/startHub.ts'
import { launchChromium } from '../../../test/browser/launchChromium.ts'
import type { Screen } from '../../../test/browser/openScreen.ts'
import { openWallboardScreen } from './browser.ts'

let browser: Browser
beforeAll(async () => void (browser = await launchChromium()))
afterAll(() => browser.close())

const HOSTILE = '<img src=x onerror="document.title=1">'

/** Plays a technician's PC on a call: it reports the call and records words as audio, which the fake worker reads back. */
async function callIn(hub: TestHub, member: Member, id: string, remoteName: string) {
  const link = await hub.connect('agent', member)
  const startedAtMs = Date.now()
  const snapshot = {
    callId: `call-${id}`,
    revision: 1,
    phase: 'talking',
    direction: 'inbound',
    extension: '101',
    remoteName,
    remoteNumber: '+33612345678',
    startedAtMs,
    talkingSinceMs: startedAtMs,
    recordingId: `recording-${id}`,
    recording: 'recording',
  }
  link.send({ kind: 'call-report', call: snapshot })
  await link.next('call-stored')
  link.send({
    kind: 'part-open',
    stream: 1,
    header: {
      recordingId: `recording-${id}`,
      callId: `call-${id}`,
      part: 1,
      codec: 'opus',
      startedAtMs,
      previousPosition: 0,
      extension: '101',
      language: 'fr',
      consent: { basis: 'demonstration', ruleVersion: 1 },
    },
  })
  await link.next('part-position')
  let sequence = 0
  return {
    say(channel: Channel, words: readonly string[]) {
      const records = words.map((word): LogRecord => ({
        sequence,
        kind: 'audio',
        channel,
        firstSample: sequence++ * SAMPLES_PER_RECORD,
        payload: Buffer.from(word),
      }))
      link.send(encodeFrame(1, records))
    },
  }
}

async function showWallboard(hub: TestHub): Promise<Screen> {
  await buildWallboard(path.join(hub.folder, 'wallboard'), 'warn')
  const admin = await hub.signInAdmin()
  const made = await admin.ask('/api/admin/wallboard-links', 'POST', { name: 'Salle du support' })
  const screen = await openWallboardScreen(browser, { ignoreHTTPSErrors: true })
  await screen.page.goto(`${made.json<{ link: string }>().link}&lang=fr`)
  await screen.page.locator('.wallboard[data-tone=live]').waitFor()
  return screen
}

it('[T1] the wallboard shows the live words of both speakers, reports a stopped hub, and recovers when the hub returns', async () => {
  await using hub = await startHub()
  await using screen = await showWallboard(hub)
  const { page } = screen
  const technician = await hub.enroll('agent', { name: 'Nadia Benali' })
  const workerMember = await hub.enroll('worker')
  const workerOn = () =>
    connectFakeWorker({
      address: { hub: hub.url, token: workerMember.token, ...(hub.ca ? { ca: hub.ca } : {}) },
      clock: systemClock,
      behavior: { recordsPerFinal: 4 },
    })
  let worker = workerOn()
  try {
    const card = page.locator('.card')
    const line = card.locator('.line')
    const call = await callIn(hub, technician, 'first-one', 'Thomas Girard')
    await page.getByRole('heading', { name: 'Nadia Benali' }).waitFor()
    await page.locator('.agent[data-state=talking]', { hasText: 'Nadia Benali' }).waitFor()

    call.say('agent', ['Support', 'informatique'])
    await page
      .locator('.line[data-who=agent][data-provisional=yes]', { hasText: 'Support informatique' })
      .waitFor()
    call.say('agent', ['bonjour,', 'Nadia.'])
    await page
      .locator('.line[data-who=agent][data-provisional=no]', {
        hasText: 'Support informatique bonjour, Nadia.',
      })
      .waitFor()
    call.say('caller', ['Bonjour,', 'notre', 'imprimante', 'est en panne.'])
    await page
      .locator('.line[data-who=caller][data-provisional=no]', {
        hasText: 'Bonjour, notre imprimante est en panne.',
      })
      .waitFor()
    expect(await line.count()).toBe(2)
    expect(await page.content()).not.toContain('612345678') // [T2] no full number anywhere in the page
    await page.locator('[data-figure=calls] dd', { hasText: '1' }).waitFor()

    await page.evaluate(() => void (document.body.dataset['loaded'] = 'once'))
    const { port } = hub
    await hub.stop()
    await page.getByText(/Coupé du hub depuis \d\d:\d\d/).waitFor()
    expect(await page.locator('.wallboard').getAttribute('data-tone')).toBe('cut')
    expect(await line.count()).toBe(2) // the last words stay readable …
    const board = page.locator('.board')
    await expect.poll(() => board.evaluate((one) => Number(getComputedStyle(one).opacity))).toBeLessThan(0.5) // … and are dimmed as old
    const frozen = await card.locator('.card__elapsed').textContent()
    await page.getByText(/figé depuis [1-9]\d* s/).waitFor()
    expect(await card.locator('.card__elapsed').textContent()).toBe(frozen)
    await screen.shoot('wallboard-cut.png')

    worker.stop()
    await hub.restart({ settings: { listen: { port } } })
    await page.locator('.wallboard[data-tone=live]').waitFor()
    worker = workerOn()
    const next = await callIn(hub, technician, 'second-one', 'Nathalie Faure')
    next.say('caller', ['Le VPN', 'refuse', 'mon mot', 'de passe.'])
    await page.locator('.line', { hasText: 'Le VPN refuse mon mot de passe.' }).waitFor()
    await page.locator('[data-figure=calls] dd', { hasText: '2' }).waitFor()
    expect(await page.evaluate(() => document.body.dataset['loaded'])).toBe('once') // the page was never reloaded
    expect(screen.faults).toEqual([])
  } finally {
    worker.stop()
  }
})

it('the wallboard shows hostile names and words as plain text', async () => {
  await using hub = await startHub()
  await using screen = await showWallboard(hub)
  const { page } = screen
  const technician = await hub.enroll('agent', { name: HOSTILE })
  const workerMember = await hub.enroll('worker')
  const worker = connectFakeWorker({
    address: { hub: hub.url, token: workerMember.token, ...(hub.ca ? { ca: hub.ca } : {}) },
    clock: systemClock,
    behavior: { recordsPerFinal: 2 },
  })
  try {
    const call = await callIn(hub, technician, 'hostile-one', HOSTILE)
    call.say('caller', [HOSTILE, '</li><script>document.title=1</script>'])
    await page.locator('.line__text', { hasText: '</li><script>' }).waitFor()
    expect(await page.locator('.card__agent').textContent()).toBe(HOSTILE)
    expect(await page.locator('.card__caller').textContent()).toBe(HOSTILE)
    expect(await page.locator('body img, body script:not([src])').count()).toBe(0)
    expect(await page.title()).toBe('3CX-Ninja Realtime')
    await screen.shoot('wallboard-hostile.png')
    expect(screen.faults).toEqual([])
  } finally {
    worker.stop()
  }
})
