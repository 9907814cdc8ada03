import FormData from 'form-data'
import { z } from 'zod'
import type { LookOutcome, Refusal } from '../tickets/outbox/outboxMachine.ts'
import type { TicketSystem } from '../tickets/outbox/ports.ts'
import type { CommentBody } from '../tickets/outbox/rows.ts'
import { judgeLook, judgeWrite, valueOf, type Asked } from './judge.ts'
import type { Client } from './client.ts'

export interface TicketMapping {
  readonly ticketFormId: number
  readonly statusName: string
  readonly boardName: string
  readonly host: string
  /** Organization for callers that NinjaOne does not know. */
  readonly organizationId?: number | undefined
}

const statuses = z.array(z.object({ name: z.string(), statusId: z.int() }).loose())
const boards = z.array(z.object({ id: z.int(), name: z.string() }).loose())
const boardPage = z
  .object({
    data: z.array(
      z
        .object({ id: z.int(), tags: z.array(z.string()).nullish(), createTime: z.number().nullish() })
        .loose(),
    ),
    metadata: z.object({ lastCursorId: z.int().nullish() }).loose().nullish(),
  })
  .loose()
const logEntries = z.array(z.object({ id: z.int(), type: z.string(), body: z.string().nullish() }).loose())
const created = z.object({ id: z.int() }).loose()

const PAGE = 100
/** 50,000 tickets since the outage began: beyond that nobody can tell. */
const MAX_PAGES = 500
/** NinjaOne's clock and ours may differ, and a ticket may be dated before our request left. */
const CLOCK_MARGIN_MS = 120_000
/** The one status whose id is the same on every instance seen. */
const NEW = { name: 'NEW', statusId: '1000' }

type Named<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly asked: Asked }
const missing = (detail: string): Refusal => ({ is: 'refused', reason: 'mapping', detail })

/** NinjaOne as the outbox needs it. Answers are read leniently; only a clear success counts as one. */
export function createTicketSystem({
  client,
  mapping,
}: {
  client: Client
  mapping: TicketMapping
}): TicketSystem {
  let statusId: string | undefined
  let boardId: number | undefined

  const list = async <Value>(url: string, schema: z.ZodType<Value>): Promise<Named<Value>> => {
    const asked = await client.request({ method: 'GET', url })
    const value = valueOf(asked, schema)
    return value === undefined ? { ok: false, asked } : { ok: true, value }
  }
  const status = async (): Promise<string | Named<never> | Refusal> => {
    if (statusId !== undefined) return statusId
    if (sameName(mapping.statusName, NEW.name)) return NEW.statusId
    const known = await list('/v2/ticketing/statuses', statuses)
    if (!known.ok) return known
    const found = known.value.find(({ name }) => sameName(name, mapping.statusName))
    if (!found) return missing(`NinjaOne has no status '${mapping.statusName}': set ninjaone.statusName to one of ${namesOf(known.value)}.`) // prettier-ignore
    return (statusId = String(found.statusId))
  }
  const board = async (): Promise<number | LookOutcome> => {
    if (boardId !== undefined) return boardId
    const known = await list('/v2/ticketing/trigger/boards', boards)
    if (!known.ok) return judgeLook(known.asked)
    const found = known.value.find(({ name }) => sameName(name, mapping.boardName))
    if (!found) return missing(`NinjaOne has no board '${mapping.boardName}': set ninjaone.boardName to one that shows all tickets, of ${namesOf(known.value)}.`) // prettier-ignore
    return (boardId = found.id)
  }
  const boardRun = (id: number, cursor: number): Promise<Asked> =>
    client.request({
      method: 'POST',
      url: `/v2/ticketing/trigger/board/${id}/run`,
      headers: { 'content-type': 'application/json' },
      data: JSON.stringify({
        pageSize: PAGE,
        lastCursorId: cursor,
        sortBy: [{ field: 'id', direction: 'DESC' }],
        filters: [],
        includeColumns: ['id', 'tags', 'createTime'],
      }),
    })

  return {
    async createTicket(body) {
      const organizationId = body.organizationId ?? mapping.organizationId?.toString()
      if (organizationId === undefined)
        return missing('The caller’s organization is unknown: choose one in the draft, or set ninjaone.organizationId for unknown callers.') // prettier-ignore
      const wanted = await status()
      if (typeof wanted !== 'string') {
        if ('is' in wanted) return wanted
        const outcome = wanted.ok ? missing('') : judgeWrite(wanted.asked)
        return outcome.is === 'unknown' ? { ...outcome, is: 'not-sent' } : outcome // only the list was asked for
      }
      const answer = await client.request({
        method: 'POST',
        url: '/v2/ticketing/ticket',
        headers: { 'content-type': 'application/json' },
        data: JSON.stringify({
          clientId: Number(organizationId),
          ticketFormId: mapping.ticketFormId,
          subject: body.subject,
          description: { public: false, body: body.description },
          status: wanted,
          priority: body.priority,
          ...(body.requesterId ? { requesterUid: body.requesterId } : {}),
          tags: ['phone', body.marker],
        }),
      })
      const ticket = valueOf(answer, created)
      return ticket ? { is: 'stored', ticketId: String(ticket.id) } : judgeWrite(answer)
    },

    async addComment(ticketId, body) {
      const form = commentForm(body)
      const answer = await client.request({
        method: 'POST',
        url: `/v2/ticketing/ticket/${ticketId}/comment`,
        headers: form.getHeaders(),
        data: form.getBuffer(),
      })
      const stored = answer.is === 'answer' && !answer.isHtml && answer.status >= 200 && answer.status < 300
      return stored ? { is: 'stored', ticketId } : judgeWrite(answer)
    },

    async findTickets(marker, sinceMs) {
      const id = await board()
      if (typeof id !== 'number') return id
      const ids: string[] = []
      let cursor = 0
      for (let page = 0; page < MAX_PAGES; page++) {
        const answer = await boardRun(id, cursor)
        const rows = valueOf(answer, boardPage)
        if (!rows) return judgeLook(answer)
        const { data, metadata } = rows
        // Rows without the column would hide every marker, and a missing marker means "send again".
        if (data.length > 0 && data.every(({ tags }) => tags === undefined))
          return missing(`The board '${mapping.boardName}' does not show tags: set ninjaone.boardName to one that does, or add the column.`) // prettier-ignore
        for (const row of data) if (row.tags?.some((tag) => sameName(tag, marker))) ids.push(String(row.id))
        const oldestMs = Math.min(...data.map(({ createTime }) => createTime ?? Infinity)) * 1_000
        const next = metadata?.lastCursorId ?? 0
        const isLast = data.length < PAGE || next === cursor || next === 0
        if (isLast || oldestMs < sinceMs - CLOCK_MARGIN_MS) return found(ids)
        cursor = next
      }
      return { is: 'not-now', detail: `more than ${MAX_PAGES * PAGE} tickets since the outage began` }
    },

    async findComments(ticketId, marker) {
      const url = `/v2/ticketing/ticket/${ticketId}/log-entry`
      const answer = await client.request({ method: 'GET', url, params: { pageSize: 500 } })
      const entries = valueOf(answer, logEntries)
      if (!entries) return judgeLook(answer)
      return found(
        entries.filter(({ type, body }) => type === 'COMMENT' && body?.includes(marker)).map(({ id }) => String(id)),
      )
    },

    ticketUrl: (ticketId) => `${mapping.host.replace(/\/+$/, '')}/#/ticketing/ticket/${ticketId}`,
  }
}

const found = (ids: string[]): LookOutcome => ({ is: 'found', ids: ids.sort((a, b) => Number(a) - Number(b)) })
const sameName = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase()
const namesOf = (all: readonly { name: string }[]) => all.slice(0, 12).map(({ name }) => name).join(', ') // prettier-ignore

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
