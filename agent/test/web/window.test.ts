import { utteranceId, type CallId, type Draft, type DraftState } from '@3cx-ninja/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aDraft } from '../../testing/desk/deskBuilders.ts'
import { startWindow, type WindowOptions } from '../../testing/desk/startWindow.ts'
import { openBrowser, shoot, type OpenBrowser } from '../../testing/desk/windowPage.ts'
import { startFakeHub, type FakeHub } from '../../testing/fakeHub.ts'

let open: OpenBrowser
beforeAll(async () => {
  open = await openBrowser()
})
afterAll(() => open[Symbol.asyncDispose]())

/** A window in the middle of a call, and the hub’s side of it. */
async function aCall(options: WindowOptions & { hub: FakeHub }) {
  const { hub } = options
  const window = await startWindow(open, options)
  const { page } = window
  await page.getByText('Hub relié').waitFor()
  await hub.until('the rules to arrive', () => hub.isLinked())
  await window.step({ action: 'ring', number: '+33240112233', name: 'Thomas Girard', direction: 'inbound' })
  await window.step({ action: 'talk' })
  await page.getByText('En conversation', { exact: true }).waitFor()
  await hub.until('the call', () =>
    [...hub.calls.values()].some(({ recording }) => recording === 'recording'),
  )
  const call = [...hub.calls.values()][0]!
  const callId = `canon-${call.callId}` as CallId
  const say = (
    key: string,
    text: string,
    state: 'partial' | 'final',
    channel: 'agent' | 'caller',
    fromMs: number,
  ) =>
    hub.send({
      kind: 'utterance',
      callId,
      utterance: {
        utteranceId: utteranceId.parse(`utterance-${key}`),
        recordingId: call.recordingId!,
        channel,
        part: 1,
        state,
        fromMs,
        toMs: fromMs + 900,
        text,
        words: [],
      },
    })
  /** The hub's newest draft with another state; fields as they stand there. */
  const draft = (state: DraftState, changes: Partial<Draft> = {}) =>
    hub.change({
      ...(hub.drafts.get('draft-0001') ?? aDraft(state, { callId, revision: 0 })),
      state,
      ...changes,
    })
  return {
    ...window,
    hub,
    callId: call.callId,
    recordingId: call.recordingId!,
    say,
    draft,
    countDown: async () => {
      await window.step({ action: 'hang-up' })
      await page.getByText('Appel terminé', { exact: true }).waitFor()
      draft({ at: 'proposed' })
      await hub.until('the card to be seen', () => hub.received.some(({ kind }) => kind === 'draft-visible'))
      draft({ at: 'countdown', deadlineMs: 1_767_225_600_000, remainingMs: 15_000, totalMs: 15_000 })
      await page.getByRole('timer', { name: 'Compte à rebours' }).waitFor()
    },
    decision: (choice: string) =>
      hub.until(`the decision ${choice}`, () =>
        hub.received.some((message) => message.kind === 'draft-decide' && message.decision.kind === choice),
      ),
    [Symbol.asyncDispose]: () => window[Symbol.asyncDispose](),
  }
}

// The tests run at the same time: audio plays by the real clock, and each window has its own browser context, agent and hub.
describe.concurrent('the window during a call', () => {
  it('shows the caller, the recording, both levels, and the transcript as it grows', async () => {
    await using hub = await startFakeHub()
    await using call = await aCall({ hub })
    const { page } = call
    await page.getByRole('heading', { name: 'Thomas Girard' }).waitFor()
    await page.locator('.badge--record', { hasText: 'Enregistrement' }).waitFor()
    for (const side of ['Vous', 'Correspondant'])
      await page.waitForFunction((name) => {
        const meter = document.querySelector(`[role=meter][aria-label=${name}]`)
        return Number(meter?.getAttribute('aria-valuenow')) > 50
      }, side)
    call.say('1', 'mon imprim', 'partial', 'caller', 500)
    await page.locator('.line[data-state=provisional]', { hasText: 'mon imprim' }).waitFor()
    call.say('1', 'Mon imprimante est en panne.', 'final', 'caller', 500)
    call.say('2', 'D’accord.', 'final', 'agent', 1_600)
    await page.locator('.line[data-state=final]', { hasText: 'en panne' }).waitFor()
    await page.getByText('D’accord.').waitFor()
    expect(await page.locator('.line[data-state=provisional]').count()).toBe(0)
    expect(
      await page
        .locator('.turn')
        .evaluateAll((turns) => turns.map((turn) => (turn as HTMLElement).dataset['speaker'])),
    ).toEqual(['caller', 'agent'])
    expect(call.consoleErrors).toEqual([])
  })

  it('pauses and resumes the recording by its shortcut, and marks a moment', async () => {
    await using hub = await startFakeHub()
    await using call = await aCall({ hub })
    const { page } = call
    await page.keyboard.press('Alt+P')
    await page.locator('.badge', { hasText: 'En pause' }).waitFor()
    await page.keyboard.press('Alt+P')
    await page.locator('.badge--record').waitFor()
    await page.keyboard.press('Alt+M')
    await page.locator('.marked').waitFor()
    await hub.until('the mark', () =>
      hub.partsOf(call.recordingId).some(({ records }) => records.some(({ kind }) => kind === 'mark')),
    )
  })

  it('erases a call on the hub after one question, and shows no word of it again', async () => {
    await using hub = await startFakeHub()
    await using call = await aCall({ hub })
    const { page } = call
    call.say('1', 'Un secret.', 'final', 'caller', 500)
    await page.getByText('Un secret.').waitFor()
    await page.keyboard.press('Alt+X')
    await page.keyboard.press('Escape')
    expect(hub.erased.size).toBe(0)
    await page.keyboard.press('Alt+X')
    await page.getByRole('button', { name: 'Tout effacer' }).click()
    await hub.until('the erasure', () => hub.erased.has(call.recordingId))
    await page.locator('.badge', { hasText: 'Effacé' }).waitFor()
    await page.getByText('Un secret.').waitFor({ state: 'detached' })
    call.say('2', 'Encore un secret.', 'final', 'caller', 900)
    call.draft({ at: 'collecting' })
    await page.getByText('Brouillon en cours').waitFor()
    expect(await page.getByText('secret').count()).toBe(0)
  })

  it('shows that the hub is away and which data waits, and that the hub is back', async () => {
    await using hub = await startFakeHub()
    await using call = await aCall({ hub, seconds: 6 })
    const { page } = call
    hub.goOffline()
    await page.getByText('Le hub ne répond pas. L’enregistrement continue sur ce poste.').waitFor()
    await page.getByText(/1 enregistrement/).waitFor()
    await page.locator('.badge--record').waitFor()
    await shoot(page, 'whole-call-offline')
    hub.goOnline()
    await page.getByText('Hub relié').waitFor()
    await page.getByText('Le hub ne répond pas').waitFor({ state: 'detached' })
  })

  it('plays a line from the recording on this PC', async ({ expect }) => {
    await using hub = await startFakeHub({ safeWhenSealed: false })
    await using call = await aCall({ hub })
    const { page } = call
    call.say('1', 'Mon imprimante est en panne.', 'final', 'caller', 500)
    await page.locator('.caller__time', { hasText: '0:02' }).waitFor()
    const sound = page.waitForResponse((response) => response.url().includes('/audio/'))
    await page.getByRole('button', { name: 'Mon imprimante' }).click()
    expect([200, 206]).toContain((await sound).status())
    await page.getByRole('group', { name: 'Écoute' }).waitFor()
    await page.locator('.line[data-playing=true]', { hasText: 'imprimante' }).waitFor()
    // The playback moves on from the line's own position.
    const position = () =>
      page.getByRole('slider').evaluate((slider) => Number((slider as HTMLInputElement).value))
    await expect.poll(position).toBeGreaterThan(900)
    expect(call.consoleErrors).toEqual([])
  })

  it('starts and ends a call manually, without the phone', async () => {
    await using hub = await startFakeHub()
    await using window = await startWindow(open, { hub })
    const { page } = window
    await page.getByText('Hub relié').waitFor()
    await page.getByRole('button', { name: 'Démarrer à la main' }).click()
    await page.locator('.badge--record').waitFor()
    await page.getByRole('button', { name: 'Terminer' }).click()
    await page.getByText('Appel terminé', { exact: true }).waitFor()
  })
})

describe.concurrent('the draft', () => {
  it('stops the countdown at the first letter, keeps the edit, and files the draft by Enter', async () => {
    await using hub = await startFakeHub()
    await using call = await aCall({ hub })
    const { page } = call
    call.say('1', 'Mon imprimante est en panne, j’ai déjà redémarré.', 'final', 'caller', 500)
    await call.countDown()
    await shoot(page, 'whole-call-countdown')
    const title = page.getByRole('textbox', { name: 'Titre' })
    await title.press('End')
    await page.keyboard.type(' !')
    await hub.until('the edit', () => hub.drafts.get('draft-0001')?.fields.title.endsWith(' !') === true)
    call.draft({ at: 'held' })
    await page.getByRole('timer', { name: 'Compte à rebours' }).waitFor({ state: 'detached' })
    expect(await title.inputValue()).toMatch(/ !$/)
    await title.press('Enter')
    await call.decision('file')
    await page.getByText(/Ticket n°.4711 créé/).waitFor()
    await shoot(page, 'whole-call-filed')
    await page.keyboard.press('Alt+2')
    await page.getByRole('searchbox').fill('imprimante redemarre')
    await page.getByText('1 appel', { exact: true }).waitFor()
    await page.getByRole('button', { name: /Thomas Girard/ }).click()
    await page.locator('.past__body').getByText('j’ai déjà redémarré').waitFor()
    expect(call.consoleErrors).toEqual([])
  })

  it('erases recording and transcript of a call on PC and hub after its draft was filed', async () => {
    await using hub = await startFakeHub({ safeWhenSealed: false })
    await using call = await aCall({ hub })
    const { page } = call
    call.say('1', 'Un secret.', 'final', 'caller', 500)
    await call.countDown()
    await page.keyboard.press('Enter')
    await page.getByText(/Ticket n°.4711 créé/).waitFor()
    await page.getByText('Appel clos', { exact: true }).waitFor()
    await page.keyboard.press('Alt+2')
    await page.getByRole('button', { name: /Thomas Girard/ }).click()
    await page.locator('.past__body').getByText('Un secret.').waitFor()
    await page.getByRole('button', { name: 'Effacer l’enregistrement' }).click()
    await page.getByRole('button', { name: 'Tout effacer' }).click()
    await hub.until('the erasure', () => hub.erased.has(call.recordingId))
    await page.locator('.past__body').getByText('Cet appel n’a pas de texte.').waitFor()
    await page.getByText('Le son de cet appel a été effacé.').waitFor()
    await page.keyboard.press('Alt+1')
    await page.getByText('Appel clos', { exact: true }).waitFor()
    await page.getByText('Un secret.').waitFor({ state: 'detached' })
  })

  it('holds the draft by Escape wherever the focus is', async () => {
    await using hub = await startFakeHub()
    await using call = await aCall({ hub })
    await call.countDown()
    await call.page.keyboard.press('Escape')
    await call.decision('hold')
    call.draft({ at: 'held' })
    await call.page.getByRole('heading', { name: 'Retenu' }).waitFor()
  })

  it('[D2] suspends the countdown while the hub is away', async () => {
    await using hub = await startFakeHub()
    await using call = await aCall({ hub })
    const { page } = call
    await call.countDown()
    hub.goOffline()
    await page.getByRole('heading', { name: 'Envoi suspendu' }).waitFor()
    await page.getByText(/aucun ticket ne part sans vous/).waitFor()
    expect(await page.getByRole('timer', { name: 'Compte à rebours' }).count()).toBe(0)
    const seen = hub.received.filter(({ kind }) => kind === 'draft-visible').length
    hub.goOnline()
    await hub.until(
      'the card to be seen again',
      () => hub.received.filter(({ kind }) => kind === 'draft-visible').length > seen,
    )
  })

  it('holds the draft at a click into a field', async () => {
    await using hub = await startFakeHub()
    await using call = await aCall({ hub })
    await call.countDown()
    await call.page.getByRole('textbox', { name: 'Description' }).click()
    await call.decision('hold')
  })

  it('undoes the filing in the seconds before the ticket is sent', async () => {
    await using hub = await startFakeHub()
    await using call = await aCall({ hub })
    await call.countDown()
    call.draft({ at: 'filing', undoUntilMs: 1_767_225_600_000, undoRemainingMs: 5_000 })
    await call.page.getByRole('button', { name: 'Annuler l’envoi' }).waitFor()
    await call.page.keyboard.press('Alt+Z')
    await call.decision('undo')
  })

  it('discards the draft with a reason', async () => {
    await using hub = await startFakeHub()
    await using call = await aCall({ hub })
    const { page } = call
    await call.countDown()
    await page.getByRole('button', { name: 'Abandonner' }).click()
    await page.getByRole('radio', { name: 'Appel privé' }).check()
    await page.getByRole('dialog').getByRole('button', { name: 'Abandonner' }).click()
    // The page holds the draft at once; it sends the discard later, or when the page closes.
    await call.decision('hold')
    await page.getByRole('button', { name: 'Reprendre le brouillon' }).waitFor()
    expect(
      hub.received.some(
        ({ kind, ...rest }) => kind === 'draft-decide' && JSON.stringify(rest).includes('discard'),
      ),
    ).toBe(false)
    await page.reload()
    await hub.until('the discard', () =>
      hub.received.some(
        (message) =>
          message.kind === 'draft-decide' &&
          message.decision.kind === 'discard' &&
          message.decision.reason === 'private',
      ),
    )
    await page.getByRole('heading', { name: 'Abandonné' }).waitFor()
  })

  it('[D2] reports a card as visible only while it is on the screen, not behind the transcript of a narrow window', async () => {
    await using hub = await startFakeHub()
    await using call = await aCall({ hub, width: 400 })
    const { page } = call
    call.draft({ at: 'collecting' })
    await page
      .getByText('Service')
      .or(page.getByRole('tab', { name: 'Ticket' }))
      .first()
      .waitFor()
    const seen = () => hub.received.filter(({ kind }) => kind === 'draft-visible').length
    expect(seen()).toBe(0)
    await page.getByRole('tab', { name: 'Ticket' }).click()
    await hub.until('the card to be seen', () => seen() === 1)
  })
})

describe('a PC that is not enrolled', () => {
  it('enrolls a PC in three steps, and then shows the call view', async () => {
    await using hub = await startFakeHub()
    await using window = await startWindow(open)
    const { page } = window
    await page.getByRole('heading', { name: 'Bienvenue' }).waitFor()
    await page.getByRole('button', { name: 'Continuer' }).click()
    await page.getByText('Ce champ est nécessaire.').first().waitFor()
    await page.getByLabel('Adresse du hub').fill(hub.url)
    await page.getByLabel('Clé d’inscription').fill('wrong.pin')
    await page.getByRole('button', { name: 'Continuer' }).click()
    await page.getByLabel('Nom', { exact: true }).fill('Camille')
    await page.getByLabel('Poste 3CX').fill('201')
    await page.getByRole('button', { name: 'Relier ce poste' }).click()
    await page.getByText(/Le hub refuse cette clé.*used or unknown/).waitFor()
    await page.getByLabel('Clé d’inscription').fill(hub.enrollmentKey)
    await page.getByRole('button', { name: 'Continuer' }).click()
    await page.getByRole('button', { name: 'Relier ce poste' }).click()
    await page.getByText('Ce poste est relié à Fake hub.').waitFor()
    await shoot(page, 'set-up-sound')
    await page.getByRole('button', { name: 'Terminer' }).click()
    await page.getByText('Hub relié').waitFor()
    expect(hub.enrollments()).toBe(1)
    expect(window.consoleErrors).toEqual([])
  })
})

describe('the settings', () => {
  it('applies language and theme at once, and keeps them after a reload', async () => {
    await using hub = await startFakeHub()
    await using window = await startWindow(open, { hub })
    const { page } = window
    await page.keyboard.press('Alt+3')
    await page.getByText('Fixé au démarrage de l’agent.').first().waitFor()
    await page.getByText('English', { exact: true }).click()
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    await page.getByText('Dark', { exact: true }).click()
    await page.locator('html[data-theme=dark]').waitFor({ state: 'attached' })
    await page.reload()
    await page.getByText('Hub connected').waitFor()
    await page.locator('html[lang=en][data-theme=dark]').waitFor({ state: 'attached' })
  })
})

describe('the diagnosis', () => {
  it('diagnoses every link of the running agent', async () => {
    await using hub = await startFakeHub()
    await using window = await startWindow(open, { hub })
    const { page } = window
    await page.getByText('Hub relié').waitFor()
    await page.keyboard.press('Alt+4')
    await page.getByText('Ce poste est inscrit.').waitFor()
    await page.getByText('Sans chiffrement, ce qui n’est permis que sur ce poste.').waitFor()
    await page.getByText(/À l’heure du hub/).waitFor()
  })
})
