import type { Kysely, Selectable } from 'kysely'
import type { EnrolmentTable, MemberTable, Tables } from '../tables.ts'

export type MemberRow = Selectable<MemberTable>

export const accessCommands = {
  'access.addEnrolment': async (db: Kysely<Tables>, row: Selectable<EnrolmentTable>) => {
    await db
      .insertInto('enrolment')
      .values(row)
      .onConflict((c) => c.column('secretHash').doNothing())
      .execute()
  },
  'access.enrolment': async (db: Kysely<Tables>, { secretHash }: { secretHash: string }) =>
    (await db.selectFrom('enrolment').selectAll().where('secretHash', '=', secretHash).executeTakeFirst()) ??
    null,
  'access.addMember': async (db: Kysely<Tables>, row: MemberRow) => {
    await db.insertInto('member').values(row).execute()
  },
  'access.byToken': async (
    db: Kysely<Tables>,
    { tokenHash, nowMs }: { tokenHash: string; nowMs: number },
  ) => {
    const row = await db
      .selectFrom('member')
      .selectAll()
      .where('tokenHash', '=', tokenHash)
      .where('revokedAtMs', 'is', null)
      .executeTakeFirst()
    if (row) await db.updateTable('member').set({ lastSeenMs: nowMs }).where('id', '=', row.id).execute()
    return row ?? null
  },
  'access.members': async (db: Kysely<Tables>, { role }: { role: string }) =>
    db
      .selectFrom('member')
      .selectAll()
      .where('role', '=', role)
      .where('revokedAtMs', 'is', null)
      .orderBy('name')
      .execute(),
  'access.revoke': async (db: Kysely<Tables>, { id, nowMs }: { id: string; nowMs: number }) => {
    await db.updateTable('member').set({ revokedAtMs: nowMs }).where('id', '=', id).execute()
  },
}
