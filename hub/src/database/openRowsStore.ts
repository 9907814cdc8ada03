import { parseJson } from '@3cx-ninja/protocol'
import type { OpenRows } from '../tickets/openRows.ts'
import type { Database } from './openDatabase.ts'

/** Returns the store that reads open writes and drafts page by page, unparsed. Rejects with a DatabaseError. */
export function createOpenRowsStore(database: Pick<Database, 'run'>): OpenRows {
  return {
    async writes(page) {
      const { rows, total } = await database.run('outbox.page', page)
      return {
        total,
        rows: rows.map(({ rowJson, ...row }) => ({ ...row, ...(parseJson(rowJson) as object | undefined) })),
      }
    },
    async drafts(page) {
      const { rows, total } = await database.run('tickets.draftPage', page)
      return { total, rows: rows.map(({ draftJson }) => parseJson(draftJson)) }
    },
  }
}
