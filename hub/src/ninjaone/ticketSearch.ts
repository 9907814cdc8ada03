import { z } from 'zod'
import type { SearchOutcome } from '../helpdesk/outcomes.ts'
import type { Client, ClientAnswer } from './client.ts'
import { missing, sameName, type MappedIds } from './mapping.ts'
import { searchOutcomeOf, valueOf } from './outcomes.ts'
import { CLOCK_MARGIN_MS } from './tuning.ts'

// NinjaOne has no search by tag: the rows of one board are read page by page, the newest first. A ticket that is not
// found may be sent again, so every answer that is not certain is `unavailable`.

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
type BoardPage = z.infer<typeof boardPage>
const logEntries = z.array(z.object({ id: z.int(), type: z.string(), body: z.string().nullish() }).loose())

const PAGE = 100
/** 50,000 tickets since the outage began: beyond that the search gives no certain answer. */
const MAX_PAGES = 500

/** Everything that a search needs: the client, the board's id, and its name for the remedy. */
export interface SearchNeeds {
  readonly client: Client
  readonly ids: MappedIds
  readonly boardName: string
}

/** Resolves with the tickets that carry this tag and were created since then, by our clock with a margin. Never rejects. */
export async function findTickets(
  { client, ids, boardName }: SearchNeeds,
  marker: string,
  sinceMs: number,
): Promise<SearchOutcome> {
  const board = await ids.board()
  if (!board.ok) return board.outcome
  const found: number[] = []
  let cursor = 0
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await runBoard(client, board.value, cursor)
    const rows = valueOf(answer, boardPage)
    if (!rows) return searchOutcomeOf(answer)
    if (hidesTags(rows))
      return missing(`The board '${boardName}' does not show tags: set ninjaone.boardName to one that does, or add the column.`) // prettier-ignore
    for (const row of rows.data) if (row.tags?.some((tag) => sameName(tag, marker))) found.push(row.id)
    const oldestMs = Math.min(...rows.data.map(({ createTime }) => createTime ?? Infinity)) * 1_000
    const next = rows.metadata?.lastCursorId ?? 0
    const isLast = rows.data.length < PAGE || next === cursor || next === 0
    if (isLast || oldestMs < sinceMs - CLOCK_MARGIN_MS) return oldestFirst(found)
    cursor = next
  }
  return { kind: 'unavailable', detail: `more than ${MAX_PAGES * PAGE} tickets since the outage began` }
}

/** Resolves with the comments of the ticket whose text holds the marker. Never rejects. */
export async function findComments(
  { client }: Pick<SearchNeeds, 'client'>,
  ticketId: string,
  marker: string,
): Promise<SearchOutcome> {
  const url = `/v2/ticketing/ticket/${ticketId}/log-entry`
  const answer = await client.request({ method: 'GET', url, params: { pageSize: 500 } })
  const entries = valueOf(answer, logEntries)
  if (!entries) return searchOutcomeOf(answer)
  return oldestFirst(
    entries.filter(({ type, body }) => type === 'COMMENT' && body?.includes(marker)).map(({ id }) => id),
  )
}

function runBoard(client: Client, boardId: number, cursor: number): Promise<ClientAnswer> {
  return client.request({
    method: 'POST',
    url: `/v2/ticketing/trigger/board/${boardId}/run`,
    headers: { 'content-type': 'application/json' },
    data: JSON.stringify({
      pageSize: PAGE,
      lastCursorId: cursor,
      sortBy: [{ field: 'id', direction: 'DESC' }],
      filters: [],
      includeColumns: ['id', 'tags', 'createTime'],
    }),
  })
}

/** Rows without the column would hide every marker, and a missing marker means "send again". */
function hidesTags({ data }: BoardPage): boolean {
  return data.length > 0 && data.every(({ tags }) => tags === undefined)
}

/** NinjaOne's ids grow. */
function oldestFirst(ids: number[]): SearchOutcome {
  return { kind: 'found', ids: ids.sort((a, b) => a - b).map(String) }
}
