import { tables } from './0001-tables.ts'
import { retention } from './0002-retention.ts'
import { owners } from './0003-owners.ts'
import type { Migration } from './migration.ts'

/** All steps in the order they run, forever: a step that was released is never edited, a change is a new step. */
export const migrations: readonly Migration[] = [tables, retention, owners]
