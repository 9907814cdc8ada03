import { sql, type Kysely, type Selectable } from 'kysely'
import type { CallTable, Tables } from '../tables.ts'

/** A row of the table `call`, with every column as it is read. */
export type CallRow = Selectable<CallTable>
/** A call by its canonical id, the agent that owns it, and the call in which it goes on; null: there is none. */
export type OwnedCall = Pick<CallRow, 'callId' | 'agentId'> & { readonly continuedBy: string | null }

const continuedBy = sql<string | null>`json_extract(callJson, '$.continuedBy')`.as('continuedBy')

/** The commands over calls and their aliases; each runs as one transaction. */
export const callCommands = {
  /** Stores the call in place of its older row, and adds its aliases; an alias that exists keeps its call. */
  'calls.save': async (
    db: Kysely<Tables>,
    { row, aliases }: { row: CallRow; aliases: readonly string[] },
  ) => {
    await db
      .insertInto('call')
      .values(row)
      .onConflict((c) => c.column('callId').doUpdateSet({ ...row }))
      .execute()
    for (const alias of aliases) {
      await db
        .insertInto('callAlias')
        .values({ alias, callId: row.callId })
        .onConflict((c) => c.column('alias').doNothing())
        .execute()
    }
  },
  /** Returns calls that began at `fromMs` or later, the oldest first, with their aliases. */
  'calls.since': async (db: Kysely<Tables>, { fromMs }: { fromMs: number }) => {
    const rows = await db
      .selectFrom('call')
      .selectAll()
      .where('startedAtMs', '>=', fromMs)
      .orderBy('startedAtMs')
      .execute()
    const aliases = await db
      .selectFrom('callAlias')
      .innerJoin('call', 'call.callId', 'callAlias.callId')
      .select(['callAlias.alias', 'callAlias.callId'])
      .where('call.startedAtMs', '>=', fromMs)
      .execute()
    return { rows, aliases }
  },
  /** Returns the call with this id or alias, however old; null: no such call. */
  'calls.stored': async (db: Kysely<Tables>, { callId }: { callId: string }): Promise<string | null> => {
    const alias = await db
      .selectFrom('callAlias')
      .select('callId')
      .where('alias', '=', callId)
      .executeTakeFirst()
    const row = await db
      .selectFrom('call')
      .select('callJson')
      .where('callId', '=', alias?.callId ?? callId)
      .executeTakeFirst()
    return row?.callJson ?? null
  },
  /** Returns the canonical id and the agent of the call with this id or alias, however old; null: no such call. */
  'calls.ownerOf': (db: Kysely<Tables>, { callId }: { callId: string }) => ownedCall(db, callId),
  /**
   * Returns the call of a recording that was ever leased or erased, without an agent where the call is gone; else the call
   * that named the recording first; null: nothing is known of it.
   */
  'calls.ofRecording': async (
    db: Kysely<Tables>,
    { recordingId }: { recordingId: string },
  ): Promise<OwnedCall | null> => {
    const progress = await db
      .selectFrom('recordingProgress')
      .select('callId')
      .where('recordingId', '=', recordingId)
      .executeTakeFirst()
    if (progress)
      return (
        (await ownedCall(db, progress.callId)) ?? {
          callId: progress.callId,
          agentId: null,
          continuedBy: null,
        }
      )
    const naming = await db
      .selectFrom('call')
      .select(['callId', 'agentId', continuedBy])
      .where(sql<string>`json_extract(callJson, '$.recordingId')`, '=', recordingId)
      .orderBy(sql`rowid`)
      .executeTakeFirst()
    return naming ?? null
  },
}

async function ownedCall(db: Kysely<Tables>, id: string): Promise<OwnedCall | null> {
  const row = await db
    .selectFrom('call')
    .select(['callId', 'agentId', continuedBy])
    .where((eb) =>
      eb.or([
        eb('callId', '=', id),
        eb('callId', 'in', eb.selectFrom('callAlias').select('callId').where('alias', '=', id)),
      ]),
    )
    .executeTakeFirst()
  return row ?? null
}
