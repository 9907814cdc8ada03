import FormData from 'form-data'
import { z } from 'zod'
import type { CommentBody, TicketSystem } from '../tickets/outbox/outbox.ts'
import type { WriteOutcome } from '../tickets/outbox/outboxMachine.ts'
import { explainAnswer } from './answers.ts'
import type { Session } from './session.ts'

export interface TicketMapping {
  readonly ticketFormId: number
  readonly statusName: string
  readonly boardName: string
  readonly host: string
}

const statuses = z.array(z.object({ name: z.string(), statusId: z.int() }).loose())
const boards = z.array(z.object({ id: z.int(), name: z.string() }).loose())
const boardPage = z
  .object({
    data: z.array(
      z
        .object({ id: z.int(), tags: z.array(z.string()).nullish(), createTime: z.number().optional() })
        .loose(),
    ),
    metadata: z.object({ lastCursorId: z.int().optional() }).loose().optional(),
  })
  .loose()
const logEntries = z.array(z.object({ id: z.int(), type: z.string(), body: z.string().nullish() }).loose())
const created = z.object({ id: z.int() }).loose()

const PAGE = 100
const MAX_PAGES = 50
/** NinjaOne's clock and ours may differ, and a ticket may be dated before our request left. */
const CLOCK_MARGIN_MS = 120_000

type Asked = Awaited<ReturnType<Session['request']>>

/** NinjaOne as the outbox needs it. Answers are read leniently; only a clear success counts as one. */
export function createTicketSystem({
  session,
  mapping,
}: {
  session: Session
  mapping: TicketMapping
}): TicketSystem {
  let statusId: string | undefined
  let boardId: number | undefined

  const get = async <Value>(
    url: string,
    schema: z.ZodType<Value>,
    params?: object,
  ): Promise<Value | undefined> => {
    const answer = await session.request({ method: 'GET', url, ...(params ? { params } : {}) })
    return valueOf(answer, schema)
  }
  const status = async (): Promise<string> => {
    if (statusId !== undefined) return statusId
    const known = await get('/v2/ticketing/statuses', statuses)
    const found = known?.find(({ name }) => name.toLowerCase() === mapping.statusName.toLowerCase())
    if (found) statusId = String(found.statusId)
    return statusId ?? '1000' // NEW on every instance seen
  }
  const board = async (): Promise<number | undefined> => {
    if (boardId !== undefined) return boardId
    const known = await get('/v2/ticketing/trigger/boards', boards)
    boardId = known?.find(({ name }) => name.toLowerCase() === mapping.boardName.toLowerCase())?.id
    return boardId
  }

  return {
    async createTicket(body) {
      if (body.organizationId === null) {
        return {
          is: 'refused',
          reason: 'mapping',
          detail:
            'The caller’s organisation is unknown: choose one in the draft, or set ninjaone.organizationForUnknown.',
        }
      }
      const answer = await session.request({
        method: 'POST',
        url: '/v2/ticketing/ticket',
        headers: { 'content-type': 'application/json' },
        data: JSON.stringify({
          clientId: body.organizationId,
          ticketFormId: mapping.ticketFormId,
          subject: body.subject,
          description: { public: false, body: body.description },
          status: await status(),
          priority: body.priority,
          ...(body.requesterUid ? { requesterUid: body.requesterUid } : {}),
          tags: ['phone', body.marker],
        }),
      })
      const ticket =
        answer.is === 'answer' && answer.status === 200 && !answer.isHtml
          ? valueOf(answer, created)
          : undefined
      return ticket ? { is: 'stored', ticketId: ticket.id } : judge(answer)
    },

    async addComment(ticketId, body) {
      const form = commentForm(body)
      const answer = await session.request({
        method: 'POST',
        url: `/v2/ticketing/ticket/${ticketId}/comment`,
        headers: form.getHeaders(),
        data: form.getBuffer(),
      })
      const stored = answer.is === 'answer' && !answer.isHtml && answer.status >= 200 && answer.status < 300
      return stored ? { is: 'stored', ticketId } : judge(answer)
    },

    async findTickets(marker, sinceMs) {
      const id = await board()
      if (id === undefined) return 'failed'
      const found: number[] = []
      let cursor = 0
      for (let page = 0; page < MAX_PAGES; page++) {
        const answer = await session.request({
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
        const rows = valueOf(answer, boardPage)
        if (!rows) return 'failed'
        for (const { id: ticketId, tags } of rows.data) if (tags?.includes(marker)) found.push(ticketId)
        const oldest = Math.min(...rows.data.map(({ createTime }) => createTime ?? Infinity)) * 1_000
        const next = rows.metadata?.lastCursorId ?? 0
        if (rows.data.length < PAGE || oldest < sinceMs - CLOCK_MARGIN_MS || next === cursor) break
        cursor = next
      }
      return found.sort((a, b) => a - b)
    },

    async countComments(ticketId, marker) {
      const entries = await get(`/v2/ticketing/ticket/${ticketId}/log-entry`, logEntries, { pageSize: 500 })
      return entries
        ? entries.filter(({ type, body }) => type === 'COMMENT' && body?.includes(marker)).length
        : 'failed'
    },

    ticketUrl: (ticketId) => `${mapping.host}/#/ticketing/ticket/${ticketId}`,
  }
}

function commentForm({ body, file, fileName }: CommentBody): FormData {
  const form = new FormData()
  form.append('comment', JSON.stringify({ public: false, body }), { contentType: 'application/json' })
  form.append('files', Buffer.from(file, 'utf8'), {
    filename: fileName,
    contentType: 'text/plain; charset=utf-8',
  })
  return form
}

/** What an answer that is no success means for a write. */
function judge(answer: Asked): WriteOutcome {
  switch (answer.is) {
    case 'signed-out':
      return { is: 'refused', reason: 'sign-in', detail: answer.detail }
    case 'no-connection':
      return { is: 'not-sent', detail: answer.detail }
    case 'cut':
      return { is: 'unknown', detail: answer.detail }
    case 'answer': {
      const { status, text, isHtml, retryAfterMs } = answer
      const { codes, words } = explainAnswer(text)
      const detail = `NinjaOne answered ${status}${words ? `: ${words}` : ''}`
      if (status === 429)
        return { is: 'not-sent', detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
      if (isHtml || status >= 500 || (status >= 200 && status < 300)) return { is: 'unknown', detail }
      if (status === 401 || codes.includes('user_context_required'))
        return {
          is: 'refused',
          reason: 'sign-in',
          detail: `${detail}. Sign in to NinjaOne as a technician on the admin page.`,
        }
      if (status === 403)
        return {
          is: 'refused',
          reason: 'permission',
          detail: `${detail}. The signed-in technician needs the right to create tickets for this organisation.`,
        }
      return { is: 'refused', reason: 'rejected', detail }
    }
  }
}

function valueOf<Value>(answer: Asked, schema: z.ZodType<Value>): Value | undefined {
  if (answer.is !== 'answer' || answer.status !== 200) return undefined
  try {
    const parsed = schema.safeParse(JSON.parse(answer.text))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
