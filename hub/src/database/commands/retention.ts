import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'
import { callGroups } from './callGroups.ts'

/** Goes on behind this row, in the order of the index. */
export interface Behind {
  readonly atMs: number
  readonly id: string
}

// Each answers one batch: no command holds the database's thread for longer than a few ms, however much there is.
export const retentionCommands = {
  /** The wall time that this note bears; without it that of the newest call or words; null: nothing is stored. */
  'retention.lastSureMs': async (db: Kysely<Tables>, { note }: { note: string }): Promise<number | null> => {
    const noted = await db.selectFrom('note').select('savedAtMs').where('name', '=', note).executeTakeFirst()
    if (noted) return noted.savedAtMs
    const call = await db
      .selectFrom('call')
      .select((eb) => eb.fn.max<number | null>('startedAtMs').as('atMs'))
      .executeTakeFirst()
    const words = await db
      .selectFrom('recordingProgress')
      .select((eb) => eb.fn.max<number | null>('textAtMs').as('atMs'))
      .executeTakeFirst()
    const newestMs = Math.max(call?.atMs ?? 0, words?.atMs ?? 0)
    return newestMs === 0 ? null : newestMs
  },
  'retention.progressOf': async (db: Kysely<Tables>, { recordingIds }: { recordingIds: readonly string[] }) =>
    db
      .selectFrom('recordingProgress')
      .select(['recordingId', 'doneAtMs'])
      .where('recordingId', 'in', [...recordingIds])
      .execute(),
  /** Which of these calls, whatever id they are named by, have a draft that is open or a write that is not done. */
  'retention.unsettled': async (
    db: Kysely<Tables>,
    { callIds }: { callIds: readonly string[] },
  ): Promise<string[]> => unsettledOf(db, callIds),
  /** Recordings that have text stored up to then, the oldest first. */
  'retention.oldText': async (
    db: Kysely<Tables>,
    { untilMs, behind, limit }: { untilMs: number; behind: Behind | null; limit: number },
  ) =>
    db
      .selectFrom('recordingProgress')
      .select(['recordingId', 'callId', 'doneAtMs', 'textAtMs'])
      .where('textAtMs', 'is not', null)
      .where('textAtMs', '<=', untilMs)
      .$if(
        behind !== null,
        (q) =>
        q.where((eb) => eb(eb.refTuple('textAtMs', 'recordingId'), '>', eb.tuple(behind?.atMs ?? 0, behind?.id ?? ''))), // prettier-ignore
      )
      .orderBy('textAtMs')
      .orderBy('recordingId')
      .limit(limit)
      .execute(),
  /** Calls that began up to then, the oldest first, each with every id it has. */
  'retention.oldCalls': async (
    db: Kysely<Tables>,
    { untilMs, behind, limit }: { untilMs: number; behind: Behind | null; limit: number },
  ) => {
    const calls = await db
      .selectFrom('call')
      .select(['callId', 'startedAtMs'])
      .where('startedAtMs', '<=', untilMs)
      .$if(
        behind !== null,
        (q) =>
        q.where((eb) => eb(eb.refTuple('startedAtMs', 'callId'), '>', eb.tuple(behind?.atMs ?? 0, behind?.id ?? ''))), // prettier-ignore
      )
      .orderBy('startedAtMs')
      .orderBy('callId')
      .limit(limit)
      .execute()
    const groups = await callGroups(
      db,
      calls.map(({ callId }) => callId),
    )
    return calls.map((call) => ({ ...call, ids: [...(groups.get(call.callId) ?? [call.callId])] }))
  },
  /**
   * Everything of these calls goes, together: writes, draft, progress, aliases, call. Left out, whole, is a call that is not
   * settled, whose draft changed after `changedUntilMs`, or that still has text. Answers what went.
   */
  'retention.forgetCalls': async (
    db: Kysely<Tables>,
    { callIds, changedUntilMs }: { callIds: readonly string[]; changedUntilMs: number },
  ): Promise<{ callIds: string[]; recordingIds: string[] }> => {
    const groups = await callGroups(db, callIds)
    const all = [...new Set([...groups.values()].flatMap((ids) => [...ids]))]
    if (all.length === 0) return { callIds: [], recordingIds: [] }
    const young = await db
      .selectFrom('draft')
      .select('callId')
      .where('callId', 'in', all)
      .where('updatedAtMs', '>', changedUntilMs)
      .execute()
    const progress = await db
      .selectFrom('recordingProgress')
      .select(['recordingId', 'callId', 'textAtMs'])
      .where('callId', 'in', all)
      .execute()
    const keeps = new Set([
      ...(await unsettledOf(db, all)),
      ...young.map(({ callId }) => callId),
      ...progress.filter(({ textAtMs }) => textAtMs !== null).map(({ callId }) => callId),
    ])
    const gone = [...groups].filter(([, ids]) => ![...ids].some((id) => keeps.has(id)))
    const ids = gone.flatMap(([, each]) => [...each])
    if (ids.length === 0) return { callIds: [], recordingIds: [] }
    await db
      .deleteFrom('outbox')
      .where('draftId', 'in', (eb) =>
        eb.selectFrom('draft').select('draft.draftId').where('draft.callId', 'in', ids),
      )
      .execute()
    await db.deleteFrom('draft').where('callId', 'in', ids).execute()
    await db.deleteFrom('recordingProgress').where('callId', 'in', ids).execute()
    await db.deleteFrom('callAlias').where('callId', 'in', ids).execute()
    await db.deleteFrom('call').where('callId', 'in', ids).execute()
    const forgotten = new Set(ids)
    return {
      callIds: gone.map(([callId]) => callId),
      recordingIds: progress
        .filter(({ callId }) => forgotten.has(callId))
        .map(({ recordingId }) => recordingId),
    }
  },
  /** Recordings transcribed up to then, without text, of which no call is known (any more). */
  'retention.strayRecordings': async (
    db: Kysely<Tables>,
    { untilMs, limit }: { untilMs: number; limit: number },
  ) => {
    const rows = await db
      .selectFrom('recordingProgress')
      .select('recordingId')
      .where('doneAtMs', '<=', untilMs)
      .where('textAtMs', 'is', null)
      .where('callId', 'not in', (eb) =>
        eb.selectFrom('call').select('call.callId').whereRef('call.callId', '=', 'recordingProgress.callId'),
      )
      .where('callId', 'not in', (eb) =>
        eb
          .selectFrom('callAlias')
          .select('alias')
          .whereRef('callAlias.alias', '=', 'recordingProgress.callId'),
      )
      .orderBy('doneAtMs')
      .limit(limit)
      .execute()
    return rows.map(({ recordingId }) => recordingId)
  },
  'retention.forgetRecordings': async (
    db: Kysely<Tables>,
    { recordingIds }: { recordingIds: readonly string[] },
  ) => {
    await db
      .deleteFrom('recordingProgress')
      .where('recordingId', 'in', [...recordingIds])
      .execute()
  },
}

async function unsettledOf(db: Kysely<Tables>, callIds: readonly string[]): Promise<string[]> {
  const groups = await callGroups(db, callIds)
  const all = [...new Set([...groups.values()].flatMap((ids) => [...ids]))]
  if (all.length === 0) return []
  const rows = await db
    .selectFrom('draft')
    .select('callId')
    .where('callId', 'in', all)
    .where('at', 'not in', ['filed', 'discarded'])
    .union(db.selectFrom('outbox').select('callId').where('callId', 'in', all).where('at', '!=', 'done'))
    .execute()
  const open = new Set(rows.map(({ callId }) => callId))
  return [...groups].filter(([, ids]) => [...ids].some((id) => open.has(id))).map(([callId]) => callId)
}
