import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'
import { callGroups } from './callGroups.ts'

/** The row after which a batch begins, in the order of the index. */
export interface AfterRow {
  readonly atMs: number
  readonly id: string
}

/**
 * The commands of retention. Each returns one batch, so that none occupies the database's thread for longer than a
 * few ms, however much is stored.
 */
export const retentionCommands = {
  /** Returns the wall-clock time saved in this note; without the note that of the newest call or words; null: nothing is stored. */
  'retention.lastTrustedMs': async (
    db: Kysely<Tables>,
    { note }: { note: string },
  ): Promise<number | null> => {
    const saved = await db.selectFrom('note').select('savedAtMs').where('name', '=', note).executeTakeFirst()
    if (saved) return saved.savedAtMs
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
  /** Returns when each of these recordings was transcribed; null: not yet. Omits one that was never leased. */
  'retention.progressOf': async (db: Kysely<Tables>, { recordingIds }: { recordingIds: readonly string[] }) =>
    db
      .selectFrom('recordingProgress')
      .select(['recordingId', 'doneAtMs'])
      .where('recordingId', 'in', [...recordingIds])
      .execute(),
  /** Returns which of these calls, named by any of their ids, have an open draft or a write that is not done. */
  'retention.unsettled': async (
    db: Kysely<Tables>,
    { callIds }: { callIds: readonly string[] },
  ): Promise<string[]> => unsettledOf(db, callIds),
  /** Returns recordings whose newest text was stored at `untilMs` or earlier, the oldest first. */
  'retention.oldText': async (
    db: Kysely<Tables>,
    { untilMs, after, limit }: { untilMs: number; after: AfterRow | null; limit: number },
  ) =>
    db
      .selectFrom('recordingProgress')
      .select(['recordingId', 'callId', 'doneAtMs', 'textAtMs'])
      .where('textAtMs', 'is not', null)
      .where('textAtMs', '<=', untilMs)
      .$if(
        after !== null,
        (q) =>
        q.where((eb) => eb(eb.refTuple('textAtMs', 'recordingId'), '>', eb.tuple(after?.atMs ?? 0, after?.id ?? ''))), // prettier-ignore
      )
      .orderBy('textAtMs')
      .orderBy('recordingId')
      .limit(limit)
      .execute(),
  /** Returns calls that began at `untilMs` or earlier, the oldest first, each with every id it has. */
  'retention.oldCalls': async (
    db: Kysely<Tables>,
    { untilMs, after, limit }: { untilMs: number; after: AfterRow | null; limit: number },
  ) => {
    const calls = await db
      .selectFrom('call')
      .select(['callId', 'startedAtMs'])
      .where('startedAtMs', '<=', untilMs)
      .$if(
        after !== null,
        (q) =>
        q.where((eb) => eb(eb.refTuple('startedAtMs', 'callId'), '>', eb.tuple(after?.atMs ?? 0, after?.id ?? ''))), // prettier-ignore
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
   * Deletes every row of these calls together: writes, draft, progress, aliases, call. Omits a whole call that is not
   * settled, whose draft changed after `changedUntilMs`, or that still has text. Returns the ids it deleted.
   */
  'retention.deleteCalls': async (
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
    const deleted = [...groups].filter(([, ids]) => ![...ids].some((id) => keeps.has(id)))
    const ids = deleted.flatMap(([, each]) => [...each])
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
    const deletedIds = new Set(ids)
    return {
      callIds: deleted.map(([callId]) => callId),
      recordingIds: progress
        .filter(({ callId }) => deletedIds.has(callId))
        .map(({ recordingId }) => recordingId),
    }
  },
  /** Returns recordings transcribed at `untilMs` or earlier that have no text and whose call is not in the database. */
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
  /** Deletes the progress rows of these recordings. */
  'retention.deleteProgress': async (
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
