import FormData from 'form-data'
import { z } from 'zod'
import type { HelpdeskTickets } from '../helpdesk/helpdesk.ts'
import type { WriteOutcome } from '../helpdesk/outcomes.ts'
import type { CommentBody, TicketBody } from '../helpdesk/writes.ts'
import type { Client } from './client.ts'
import { createMappedIds, missing, type MappedIds, type TicketMapping } from './mapping.ts'
import { valueOf, writeOutcomeOf } from './outcomes.ts'
import { findComments, findTickets } from './ticketSearch.ts'

const created = z.object({ id: z.int() }).loose()

/** Returns NinjaOne's tickets as the outbox needs them. Answers are read leniently; only a clear success counts as one. */
export function createNinjaOneTickets({
  client,
  mapping,
}: {
  client: Client
  mapping: TicketMapping
}): HelpdeskTickets {
  const ids = createMappedIds(client, mapping)
  const search = { client, ids, boardName: mapping.boardName }
  return {
    createTicket: (ticket) => createTicket({ client, mapping, ids }, ticket),
    addComment: (ticketId, comment) => addComment(client, ticketId, comment),
    findTickets: (marker, sinceMs) => findTickets(search, marker, sinceMs),
    findComments: (ticketId, marker) => findComments(search, ticketId, marker),
    ticketUrl: (ticketId) => `${mapping.host.replace(/\/+$/, '')}/#/ticketing/ticket/${ticketId}`,
  }
}

async function createTicket(
  { client, mapping, ids }: { client: Client; mapping: TicketMapping; ids: MappedIds },
  ticket: TicketBody,
): Promise<WriteOutcome> {
  const organizationId = ticket.organizationId ?? mapping.organizationId
  if (organizationId === undefined)
    return missing('The caller’s organization is unknown: write its name as NinjaOne has it into the draft, or set ninjaone.organizationId for unknown callers.') // prettier-ignore
  const status = await ids.status()
  if (!status.ok) return status.outcome
  const answer = await client.request({
    method: 'POST',
    url: '/v2/ticketing/ticket',
    headers: { 'content-type': 'application/json' },
    data: JSON.stringify({
      clientId: Number(organizationId),
      ticketFormId: mapping.ticketFormId,
      subject: ticket.subject,
      description: { public: false, body: ticket.description },
      status: status.value,
      priority: ticket.priority,
      ...(ticket.requesterId ? { requesterUid: ticket.requesterId } : {}),
      tags: ['phone', ticket.marker],
    }),
  })
  const stored = valueOf(answer, created)
  return stored ? { kind: 'created', ticketId: String(stored.id) } : writeOutcomeOf(answer)
}

async function addComment(client: Client, ticketId: string, comment: CommentBody): Promise<WriteOutcome> {
  const form = commentForm(comment)
  const answer = await client.request({
    method: 'POST',
    url: `/v2/ticketing/ticket/${ticketId}/comment`,
    headers: form.getHeaders(),
    data: form.getBuffer(),
  })
  const isStored = answer.kind === 'answer' && !answer.isHtml && answer.status >= 200 && answer.status < 300
  return isStored ? { kind: 'created', ticketId } : writeOutcomeOf(answer)
}

function commentForm({ body, file, fileName }: CommentBody): FormData {
  const form = new FormData()
  form.append('comment', JSON.stringify({ public: false, body }), { contentType: 'application/json' })
  if (file === undefined) return form
  form.append('files', Buffer.from(file, 'utf8'), {
    filename: fileName ?? 'call.txt',
    contentType: 'text/plain; charset=utf-8',
  })
  return form
}
