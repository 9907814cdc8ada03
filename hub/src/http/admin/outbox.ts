import { Hono } from 'hono'
import { z } from 'zod'
import type { Log } from '../../observe/log.ts'
import { draftRecord, type DraftRecord } from '../../tickets/draftRecord.ts'
import type { OpenRows } from '../../tickets/openRows.ts'
import type { Outbox } from '../../tickets/outbox/ports.ts'
import { outboxRow, type OutboxEntry } from '../../tickets/outbox/rows.ts'
import type { OutboxView } from './messages.ts'
import type { HubEnv, Routes } from '../app.ts'

/** The outbox that blocked rows are released in, and the rows that are listed. */
export interface OutboxNeeds {
  readonly outbox: Pick<Outbox, 'unblock' | 'blocked'>
  readonly openRows: OpenRows
  readonly log: Log
}

/** More than a person reads at once; after a long outage there may be thousands, and the page requests every few seconds. */
const PAGE_ROWS = 100
/** 1, 2, 3 …: which page of each list. */
const pageNumber = z.coerce.number().int().min(1).max(100_000).catch(1)

/** Returns the routes of the outbox: writes that are not in the helpdesk yet, each with its reason, and a retry of the blocked ones. */
export function outboxRoutes({ outbox, openRows, log }: OutboxNeeds): Routes {
  const app = new Hono<HubEnv>()
  app.get('/api/admin/outbox', async (c) => {
    const pageOf = (name: string) => ({
      offset: (pageNumber.parse(c.req.query(name)) - 1) * PAGE_ROWS,
      limit: PAGE_ROWS,
    })
    const [writesPage, draftsPage] = [pageOf('writes'), pageOf('drafts')]
    const [rows, records] = await Promise.all([openRows.writes(writesPage), openRows.drafts(draftsPage)])
    const writes = rows.rows.map((row) => outboxRow.safeParse(row))
    const drafts = records.rows.map((record) => draftRecord.safeParse(record))
    return c.json({
      writes: writes.flatMap(({ data }) => (data ? writeOf(data) : [])),
      drafts: drafts.flatMap(({ data }) => (data ? draftOf(data) : [])),
      moreWrites: Math.max(0, rows.total - writesPage.offset - rows.rows.length),
      moreDrafts: Math.max(0, records.total - draftsPage.offset - records.rows.length),
      unreadable: [...writes, ...drafts].filter(({ success }) => !success).length,
    } satisfies OutboxView)
  })
  app.post('/api/admin/outbox/retry', async (c) => {
    const count = outbox.blocked().reduce((sum, one) => sum + one.count, 0)
    await outbox.unblock()
    log.info({ count }, 'admin.outbox-retried')
    return c.json({ retried: count })
  })
  return app
}

function writeOf({ rowId, callId, write, state }: OutboxEntry): OutboxView['writes'] {
  if (state.at === 'done') return []
  return [
    {
      rowId,
      callId,
      kind: write.kind,
      subject: write.kind === 'ticket' ? write.subject : '',
      at: state.at,
      reason: state.at === 'blocked' ? state.reason : null,
      detail: state.at === 'blocked' ? state.detail : null,
      attempts: 'attempts' in state ? state.attempts : null,
      dueAtMs: 'dueAtMs' in state ? state.dueAtMs : null,
      uncertainSinceMs: state.unconfirmedSinceMs,
    },
  ]
}

function draftOf({ draft, call, lifecycle }: DraftRecord): OutboxView['drafts'] {
  const { state } = lifecycle
  if (state.at === 'filed' || state.at === 'discarded') return []
  return [
    {
      draftId: draft.draftId,
      title: draft.fields.title,
      extension: draft.extension,
      agentName: call.agentName ?? null,
      at: state.at,
      reason: state.at === 'blocked' ? state.reason : null,
      sinceMs: lifecycle.sinceMs,
    },
  ]
}
