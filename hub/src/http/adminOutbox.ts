import { Hono } from 'hono'
import { z } from 'zod'
import type { Log } from '../observe/log.ts'
import { draftRecord, type DraftRecord } from '../tickets/draftRecord.ts'
import type { Outbox } from '../tickets/outbox/ports.ts'
import { outboxRow, type OutboxEntry } from '../tickets/outbox/rows.ts'
import type { OutboxView } from './adminMessages.ts'
import type { HubEnv, Routes } from './app.ts'

export interface AdminOutboxNeeds {
  readonly outbox: Pick<Outbox, 'unblock' | 'blocked'>
  /** Rows of the outbox that are not done, as stored. */
  readonly openWrites: () => Promise<readonly unknown[]>
  /** Drafts that are neither filed nor discarded, as stored, the newest first. */
  readonly openDrafts: () => Promise<readonly unknown[]>
  readonly log: Log
}

/** More than anybody reads; after a long outage there may be thousands, and the page asks every few seconds. */
const MOST = 200
const WORST_FIRST = ['blocked', 'settling', 'checking', 'sending', 'waiting']
const state = z.object({ state: z.object({ at: z.string() }) })

/** Place in the list; what cannot be read comes first. */
function gravity(row: unknown): number {
  const read = state.safeParse(row)
  return read.success ? WORST_FIRST.indexOf(read.data.state.at) : -1
}

/** What is not in NinjaOne yet, and why; trying again what waits for a person. */
export function adminOutboxRoutes({ outbox, openWrites, openDrafts, log }: AdminOutboxNeeds): Routes {
  const app = new Hono<HubEnv>()
  app.get('/api/admin/outbox', async (c) => {
    const [rows, records] = await Promise.all([openWrites(), openDrafts()])
    const worstFirst = [...rows].sort((a, b) => gravity(a) - gravity(b))
    const writes = worstFirst.slice(0, MOST).map((row) => outboxRow.safeParse(row))
    const drafts = records.slice(0, MOST).map((record) => draftRecord.safeParse(record))
    return c.json({
      writes: writes.flatMap(({ data }) => (data ? writeOf(data) : [])),
      drafts: drafts.flatMap(({ data }) => (data ? draftOf(data) : [])),
      moreWrites: Math.max(0, rows.length - MOST),
      moreDrafts: Math.max(0, records.length - MOST),
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
      doubtSinceMs: state.doubtSinceMs,
    },
  ]
}

function draftOf({ draft, call, place }: DraftRecord): OutboxView['drafts'] {
  const { state } = place
  if (state.at === 'filed' || state.at === 'discarded') return []
  return [
    {
      draftId: draft.draftId,
      title: draft.fields.title,
      extension: draft.extension,
      agentName: call.agentName ?? null,
      at: state.at,
      reason: state.at === 'blocked' ? state.reason : null,
      sinceMs: place.sinceMs,
    },
  ]
}
