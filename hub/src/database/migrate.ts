import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { migrations } from './migrations/index.ts'
import type { Tables } from './tables.ts'
import type { Transact } from './transact.ts'

/** Brings the database to this version, one transaction for each step. Rejects for a database of a newer hub. */
export async function migrate(db: Kysely<Tables>, transact: Transact): Promise<void> {
  await sql`create table if not exists migration (number integer primary key, name text not null, appliedAtMs integer not null) strict`.execute(
    db,
  )
  const applied = await db.selectFrom('migration').select('number').orderBy('number').execute()
  const newest = applied.at(-1)?.number ?? 0
  if (newest > migrations.length) {
    throw new Error(
      `The database was made by a newer hub (step ${newest}, this hub has ${migrations.length}): install that version again, or restore a backup of the older one.`,
    )
  }
  for (const [index, { name, up }] of migrations.entries()) {
    const number = index + 1
    if (number <= newest) continue
    await transact(async () => {
      await up(db)
      await db.insertInto('migration').values({ number, name, appliedAtMs: Date.now() }).execute()
    })
  }
}
