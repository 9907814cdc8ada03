import { access } from './0001-access.ts'
import { calls } from './0002-calls.ts'
import { transcripts } from './0003-transcripts.ts'
import { tickets } from './0004-tickets.ts'
import { enrollmentUses } from './0005-enrollment-uses.ts'
import { outboxIndices } from './0006-outbox-indices.ts'
import { retention } from './0007-retention.ts'
import { openRows } from './0008-open-rows.ts'
import type { Migration } from './migration.ts'

/** In order, for ever: a step that was released is never edited, a change is a new step. */
export const migrations: readonly Migration[] = [
  access,
  calls,
  transcripts,
  tickets,
  enrollmentUses,
  outboxIndices,
  retention,
  openRows,
]
