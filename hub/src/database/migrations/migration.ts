import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

export interface Migration {
  readonly name: string
  readonly up: (db: Kysely<Tables>) => Promise<void>
}
