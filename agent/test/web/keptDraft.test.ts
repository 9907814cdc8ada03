import type { CallId } from '@3cx-ninja/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aDraft } from '../../testing/desk/deskBuilders.ts'
import { startWindow } from '../../testing/desk/startWindow.ts'
import {
  openBrowser,
  shoot,
  accessibilityViolations,
  type OpenBrowser,
} from '../../testing/desk/windowPage.ts'
import { startFakeHub } from '../../testing/fakeHub.ts'

let open: OpenBrowser
beforeAll(async () => {
  open = await openBrowser()
})
afterAll(() => open[Symbol.asyncDispose]())

describe('a draft that changed on the hub while a technician edited it without the hub', () => {
  it('shows both versions and the pending decision of a draft that changed meanwhile, and applies each answer', async () => {
    await using hub = await startFakeHub()
    await using window = await startWindow(open, { hub })
    const { page } = window
    await page.getByText('Hub relié').waitFor()
    await window.step({ action: 'ring', number: '+33240112233', direction: 'inbound' })
    await window.step({ action: 'hang-up' })
    await hub.until('the call', () => hub.calls.size > 0)
    const callId = `canon-${[...hub.calls.keys()][0]!}` as CallId
    hub.change(aDraft({ at: 'held' }, { callId, revision: 0 }))
    const title = page.getByRole('textbox', { name: 'Titre' })
    await title.waitFor()

    hub.goOffline()
    await page.getByText('Hub injoignable').waitFor()
    await title.fill('Mes mots')
    await page.getByRole('textbox', { name: 'Catégorie' }).fill('Réseau')
    await page.getByRole('button', { name: 'Créer le ticket' }).click()
    await page.getByText('Vous avez décidé de créer le ticket.').waitFor()
    const draft = [...hub.drafts.values()][0]!
    hub.change({ ...draft, state: { at: 'parked' }, fields: { ...draft.fields, title: 'Mots du hub' } })
    hub.goOnline()

    const choice = page.getByRole('group', { name: 'Titre' })
    await choice.getByText('Mots du hub').waitFor()
    expect(await accessibilityViolations(page)).toEqual([])
    await shoot(page, 'draft-asks-after-outage')
    expect([...hub.drafts.values()][0]?.fields).toMatchObject({ title: 'Mots du hub', category: 'Réseau' })
    await choice.getByRole('button', { name: 'Garder mes mots' }).click()
    await hub.until('my words', () => [...hub.drafts.values()][0]?.fields.title === 'Mes mots')
    await page.getByText(/Vous aviez décidé de créer ce ticket/).waitFor()
    expect(hub.received.filter(({ kind }) => kind === 'draft-decide')).toEqual([])
    await page.getByRole('button', { name: 'Créer quand même' }).click()
    await page.getByText(/Ticket n°.4711 créé/).waitFor()
    expect(hub.received.filter(({ kind }) => kind === 'draft-decide')).toHaveLength(1)
    expect(await page.locator('.pending-change').count()).toBe(0)
    expect(window.consoleErrors).toEqual([])
  })
})
