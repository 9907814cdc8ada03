import { describe, expect, it } from 'vitest'
import type { Helpdesk } from '../src/helpdesk/helpdesk.ts'
import type { CommentBody, TicketBody } from '../src/helpdesk/writes.ts'

/** A way in which the next request of one kind fails. `lost`: it is stored, and no answer arrives. */
export type HelpdeskFault = 'lost' | 'throttled' | 'refused' | 'wants-a-person' | 'forbidden' | 'broken'

/** One helpdesk connected to a server of the test, for the contract. */
export interface HelpdeskUnderTest extends AsyncDisposable {
  readonly helpdesk: Helpdesk
  /** Ids that the server knows. */
  readonly organizationId: string
  readonly contact: { readonly id: string; readonly name: string; readonly number: string }
  /** Makes the next request of this kind fail. */
  fail(request: 'create-ticket' | 'add-comment' | 'search', fault: HelpdeskFault): Promise<void>
  /** Returns every ticket of the server, with the texts of its private comments. */
  stored(): readonly { readonly id: string; readonly subject: string; readonly comments: readonly string[] }[]
  /** Ends the sign-in at the server. */
  signOut(): void
  readonly nowMs: () => number
}

const aTicket = (world: HelpdeskUnderTest, changes: Partial<TicketBody> = {}): TicketBody => ({
  kind: 'ticket',
  marker: 'call-contract-0001',
  subject: 'Imprimante en panne',
  description: 'Elle ne répond plus.\n\ncall-contract-0001',
  priority: 'MEDIUM',
  organizationId: world.organizationId,
  requesterId: world.contact.id,
  ...changes,
})
const aComment: CommentBody = {
  kind: 'comment',
  marker: 'transcript-call-contract-0001',
  body: 'Transcription\n\ntranscript-call-contract-0001',
}

/** Registers the tests that every helpdesk adapter must pass. `open` resolves with a signed-in helpdesk whose server has no ticket. */
export function helpdeskContract(name: string, open: () => Promise<HelpdeskUnderTest>): void {
  describe(`${name}: tickets`, () => {
    it('creates one ticket, and finds it again by its marker', async () => {
      await using world = await open()
      const { tickets } = world.helpdesk
      const sinceMs = world.nowMs()
      const outcome = await tickets.createTicket(aTicket(world))
      const [stored, ...more] = world.stored()
      expect(more).toEqual([])
      expect(outcome).toEqual({ kind: 'created', ticketId: stored?.id })
      expect(await tickets.findTickets('call-contract-0001', sinceMs)).toEqual({
        kind: 'found',
        ids: [stored?.id],
      })
      expect(await tickets.findTickets('call-contract-0002', sinceMs)).toEqual({ kind: 'found', ids: [] })
    })

    it('adds one private comment, and finds it again by its marker', async () => {
      await using world = await open()
      const { tickets } = world.helpdesk
      const created = await tickets.createTicket(aTicket(world))
      if (created.kind !== 'created') throw new Error(created.kind)
      const { ticketId } = created
      expect(await tickets.findComments(ticketId, aComment.marker)).toEqual({ kind: 'found', ids: [] })
      expect(await tickets.addComment(ticketId, aComment)).toEqual({ kind: 'created', ticketId })
      expect(world.stored()[0]?.comments).toEqual([aComment.body])
      const found = await tickets.findComments(ticketId, aComment.marker)
      expect(found.kind === 'found' && found.ids).toHaveLength(1)
    })

    it('reports an unknown outcome, and never repeats the write by itself, when the answer is lost', async () => {
      await using world = await open()
      const { tickets } = world.helpdesk
      const sinceMs = world.nowMs()
      await world.fail('create-ticket', 'lost')
      const outcome = await tickets.createTicket(aTicket(world))
      expect(['unknown', 'duplicate']).toContain(outcome.kind)
      expect(world.stored()).toHaveLength(1)
      expect(await tickets.findTickets('call-contract-0001', sinceMs)).toMatchObject({ kind: 'found' })
    })

    it.each([
      ['throttled', 'throttled'],
      ['refused', 'rejected'],
      ['forbidden', 'rejected'],
      ['wants-a-person', 'authRequired'],
      ['broken', 'unknown'],
    ] as const)('reports a write that the server answers with %s as %s', async (fault, kind) => {
      await using world = await open()
      await world.fail('create-ticket', fault)
      const outcome = await world.helpdesk.tickets.createTicket(aTicket(world))
      expect(outcome).toMatchObject({ kind, detail: expect.stringMatching(/./) as string })
      expect(world.stored()).toEqual([])
    })

    it('reports a search as unavailable, not as empty, while the server fails', async () => {
      await using world = await open()
      await world.fail('search', 'broken')
      const outcome = await world.helpdesk.tickets.findTickets('call-contract-0001', world.nowMs())
      expect(outcome).toMatchObject({ kind: 'unavailable' })
    })

    it('rejects a ticket of an organization that the helpdesk does not have', async () => {
      await using world = await open()
      const outcome = await world.helpdesk.tickets.createTicket(aTicket(world, { organizationId: '999999' }))
      expect(outcome).toMatchObject({ kind: 'rejected' })
    })

    it('returns a ticket’s address with its id in it, or none', async () => {
      await using world = await open()
      expect(world.helpdesk.tickets.ticketUrl('4711') ?? '4711').toContain('4711')
    })
  })

  describe(`${name}: directory, sign-in and test`, () => {
    it('identifies a caller by the number only once the contacts are loaded', async () => {
      await using world = await open()
      const { directory } = world.helpdesk
      const { id, name: contactName, number } = world.contact
      expect(directory.identify(number)).toBeUndefined()
      await directory.refresh()
      expect(directory.identify(number)).toMatchObject({ match: 'one', contactId: id, contactName })
      expect(directory.identify(undefined)).toBeUndefined()
    })

    it('lists contacts and organizations with ids that a ticket accepts', async () => {
      await using world = await open()
      const { directory } = world.helpdesk
      await directory.refresh()
      expect(directory.contacts()).toContainEqual(expect.objectContaining({ id: world.contact.id, name: world.contact.name })) // prettier-ignore
      expect(directory.organizations().map(({ id }) => id)).toContain(world.organizationId)
    })

    it('reports authRequired once its sign-in has ended, and is signed out then', async () => {
      await using world = await open()
      expect(await world.helpdesk.state()).toBe('signed-in')
      world.signOut()
      const outcome = await world.helpdesk.tickets.createTicket(aTicket(world))
      expect(outcome).toMatchObject({ kind: 'authRequired' })
      expect(await world.helpdesk.state()).toBe('signed-out')
      expect(world.stored()).toEqual([])
    })

    it('tests the account with requests that write nothing', async () => {
      await using world = await open()
      const report = await world.helpdesk.test()
      expect(report.ok).toBe(true)
      expect(report.steps.length).toBeGreaterThan(0)
      expect(world.stored()).toEqual([])
    })
  })
}
