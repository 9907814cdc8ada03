import { sql, type Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** Which rows of a list a screen shows. */
export interface Page {
  readonly offset: number
  readonly limit: number
}
const count = sql<number>`count(*)`

/** The commands by which the admin page lists what is not filed; each runs as one transaction. */
export const openRowCommands = {
  /**
   * Returns writes that are not done, the most urgent for a person first, and before all of them any state that this version
   * does not know. Omits the spoken words, which no caller needs: after an outage they are a hundred megabytes.
   */
  'outbox.page': async (db: Kysely<Tables>, { offset, limit }: Page) => {
    const urgency = sql<number>`case at when 'blocked' then 1 when 'settling' then 2 when 'checking' then 3
      when 'sending' then 4 when 'waiting' then 5 else 0 end`
    const open = db.selectFrom('outbox').where((eb) => eb.or([eb('at', '<', 'done'), eb('at', '>', 'done')]))
    const { total } = await open.select(count.as('total')).executeTakeFirstOrThrow()
    const ids = await open
      .select('rowId')
      .orderBy(urgency)
      .orderBy('rowId')
      .limit(limit)
      .offset(offset)
      .execute()
    const rows = await db
      .selectFrom('outbox')
      .select(['rowId', 'draftId', 'callId'])
      .select(
        sql<string>`iif(json_valid(rowJson), json_replace(rowJson, '$.write.body', '', '$.write.file', '', '$.write.description', ''), '{}')`.as(
          'rowJson',
        ),
      )
      .where(
        'rowId',
        'in',
        ids.map(({ rowId }) => rowId),
      )
      .orderBy(urgency)
      .orderBy('rowId')
      .execute()
    return { rows, total }
  },
  /** Returns drafts that are neither filed nor discarded, the last changed first. */
  'tickets.draftPage': async (db: Kysely<Tables>, { offset, limit }: Page) => {
    const open = db.selectFrom('draft').where('at', 'not in', ['filed', 'discarded'])
    const { total } = await open.select(count.as('total')).executeTakeFirstOrThrow()
    const ids = await open
      .select('draftId')
      .orderBy('updatedAtMs', 'desc')
      .limit(limit)
      .offset(offset)
      .execute()
    const rows = await db
      .selectFrom('draft')
      .select('draftJson')
      .where(
        'draftId',
        'in',
        ids.map(({ draftId }) => draftId),
      )
      .orderBy('updatedAtMs', 'desc')
      .execute()
    return { rows, total }
  },
}
