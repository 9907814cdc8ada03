import { describe, expect, it } from 'vitest'
import type { BoardCall } from '@3cx-ninja/protocol'
import { aFilingWorld, playCall, type FilingWorld, type Life } from '../../testing/filingWorld.ts'
import { en } from '../../src/tickets/texts/en.ts'
import { AGENT } from '../../testing/ticketBuilders.ts'

const stranger: Partial<BoardCall> = {
  caller: { match: 'none' },
  remoteNumber: '+33199001122',
  remoteName: '',
}

async function aDraft(world: FilingWorld, call: Partial<BoardCall> = stranger): Promise<Life> {
  const life = await world.live()
  await life.refreshContacts()
  await playCall(life, call)
  return life
}
const draftOf = (life: Life) => {
  const [draft] = life.drafts.forAgent(AGENT)
  if (!draft) throw new Error('no draft')
  return draft
}
async function edit(life: Life, changes: Parameters<Life['drafts']['edit']>[3]): Promise<void> {
  const { draftId, revision } = draftOf(life)
  expect(await life.drafts.edit(AGENT, draftId, revision, changes)).toEqual({ ok: true })
}
async function filed(world: FilingWorld, life: Life) {
  const { draftId, revision } = draftOf(life)
  await life.drafts.decide(AGENT, draftId, revision, { kind: 'file' })
  await world.until('filed', () => draftOf(life).state.at === 'filed')
  return world.sandbox.held.tickets[0]
}

describe.concurrent('a name that a technician types', () => {
  it.each(['Cabinet Moreau', '  cabinet MOREAU '])('finds the organization “%s” by its exact name, whatever its case', async (organizationName) => {
    await using world = await aFilingWorld()
    const life = await aDraft(world)
    await edit(life, { organizationName, organizationId: null })
    expect(draftOf(life).fields).toMatchObject({ organizationName, organizationId: '42' })
    expect((await filed(world, life))?.clientId).toBe(42)
  }) // prettier-ignore

  it('finds a typed contact whatever its accents, and the organization of that contact', async () => {
    await using world = await aFilingWorld()
    const life = await aDraft(world)
    await edit(life, { contactName: 'Hûgo Petit', contactId: null })
    expect(draftOf(life).fields).toMatchObject({
      organizationId: '43',
      organizationName: 'Pharmacie du Port',
    })
    const ticket = await filed(world, life)
    expect(ticket).toMatchObject({ clientId: 43, requesterUid: draftOf(life).fields.contactId })
    expect(ticket?.log[0]?.body).not.toContain('Contact :')
  })

  it('writes a typed name into the ticket’s text when the helpdesk does not have it', async () => {
    await using world = await aFilingWorld()
    const life = await aDraft(world)
    await edit(life, { contactName: 'Madame Durand', contactId: null, organizationName: 'Boulangerie Petit', organizationId: null }) // prettier-ignore
    expect(draftOf(life).fields).toMatchObject({ contactId: null, organizationId: null })
    const ticket = await filed(world, life)
    expect(ticket?.clientId).toBe(1) // the organization for unknown callers
    expect(ticket?.log[0]?.body).toContain('Contact : Madame Durand\nOrganisation : Boulangerie Petit')
  })

  it('matches a typed name with no contact of another organization than the ticket’s', async () => {
    await using world = await aFilingWorld()
    const life = await aDraft(world, {})
    await edit(life, { contactName: 'Hugo Petit', contactId: null })
    expect(draftOf(life).fields).toMatchObject({ contactId: null, organizationId: '41' })
    await edit(life, { organizationName: 'Pharmacie du Port', organizationId: null })
    expect(draftOf(life).fields).toMatchObject({
      organizationId: '43',
      contactId: expect.any(String) as string,
    })
  })
})

it('writes the hub’s phrases of a ticket in the language of the site', async () => {
  await using world = await aFilingWorld({ texts: en })
  const life = await aDraft(world, {})
  const ticket = await filed(world, life)
  const [description] = ticket?.log ?? []
  expect(description?.body).toContain(
    'Caller: Thomas Girard, Menuiserie Lambert\nCallback number: +33240112233',
  )
  expect(description?.body).not.toMatch(/Appelant|Problème|À faire/)
  await world.until('commented', () => world.sandbox.comments().length > 0)
  expect(world.sandbox.comments()[0]?.entry.body).toContain('Transcript of the call')
})
