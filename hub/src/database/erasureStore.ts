import { recordingId as recordingIdSchema, type Clock } from '@3cx-ninja/protocol'
import type { ErasureStore } from '../erasures/erasures.ts'
import type { TicketTexts } from '../tickets/texts/ticketTexts.ts'
import type { Database } from './openDatabase.ts'

/** Returns the store of erasures over the database; writes get the site's words for a text that was erased. */
export function createErasureStore(
  database: Pick<Database, 'run' | 'overwriteDeleted' | 'rebuild'>,
  clock: Clock,
  texts: () => Pick<TicketTexts, 'phoneCall' | 'erased'>,
): ErasureStore {
  return {
    async unerased(recordingIds) {
      const ids = await database.run('erasures.unerased', { recordingIds })
      return ids.map((id) => recordingIdSchema.parse(id))
    },
    erase: (erased) =>
      database.run('erasures.erase', {
        ...erased,
        nowMs: clock.nowMs(),
        subject: texts().phoneCall,
        note: texts().erased,
      }),
    overwrite: () => database.overwriteDeleted(),
    rebuild: () => database.rebuild(),
  }
}
