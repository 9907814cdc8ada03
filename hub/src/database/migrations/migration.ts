import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** One numbered step of the schema. Its number is its place in the list of index.ts, counted from 1. */
export interface Migration {
  readonly name: string
  /** Changes the tables inside a transaction that the caller opens; a rejection leaves the database as it was. */
  readonly up: (db: Kysely<Tables>) => Promise<void>
}
