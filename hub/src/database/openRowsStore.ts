import type { OpenRows } from '../http/adminOutbox.ts'
import type { Database } from './openDatabase.ts'

/** What is not in NinjaOne yet, page by page, as stored. */
export function createOpenRowsStore(database: Pick<Database, 'run'>): OpenRows {
  return {
    async writes(page) {
      const { rows, total } = await database.run('outbox.page', page)
      return {
        total,
        rows: rows.map(({ rowJson, ...row }) => ({ ...row, ...(JSON.parse(rowJson) as object) })),
      }
    },
    async drafts(page) {
      const { rows, total } = await database.run('tickets.draftPage', page)
      return { total, rows: rows.map(({ draftJson }) => JSON.parse(draftJson) as unknown) }
    },
  }
}
