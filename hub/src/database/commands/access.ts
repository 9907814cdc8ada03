import type { Kysely, Selectable } from 'kysely'
import type { EnrollmentTable, MemberTable, Tables } from '../tables.ts'

export type MemberRow = Selectable<MemberTable>
export type EnrollmentRow = Selectable<EnrollmentTable>

export const accessCommands = {
  'access.addEnrollment': async (db: Kysely<Tables>, row: Selectable<EnrollmentTable>) => {
    await db
      .insertInto('enrollment')
      .values(row)
      .onConflict((c) => c.column('secretHash').doNothing())
      .execute()
  },
  /** The secret is checked, one use of it taken, and the newcomer stored: together or not at all. */
  'access.enroll': async (
    db: Kysely<Tables>,
    { secretHash, member }: { secretHash: string; member: MemberRow },
  ): Promise<'enrolled' | 'unknown-secret' | 'expired' | 'used-up' | 'other-role'> => {
    const secret = await db
      .selectFrom('enrollment')
      .selectAll()
      .where('secretHash', '=', secretHash)
      .executeTakeFirst()
    if (!secret || secret.revokedAtMs !== null) return 'unknown-secret'
    if (secret.expiresAtMs !== null && secret.expiresAtMs <= member.createdAtMs) return 'expired'
    if (secret.role !== null && secret.role !== member.role) return 'other-role'
    if (secret.usesLeft !== null) {
      if (secret.usesLeft <= 0) return 'used-up'
      const usesLeft = secret.usesLeft - 1
      await db.updateTable('enrollment').set({ usesLeft }).where('secretHash', '=', secretHash).execute()
    }
    await db.insertInto('member').values(member).execute()
    return 'enrolled'
  },
  'access.enrollments': async (db: Kysely<Tables>, _: Record<string, never>) =>
    db.selectFrom('enrollment').selectAll().where('revokedAtMs', 'is', null).orderBy('createdAtMs').execute(),
  'access.revokeEnrollment': async (
    db: Kysely<Tables>,
    { secretHash, nowMs }: { secretHash: string; nowMs: number },
  ) => {
    await db
      .updateTable('enrollment')
      .set({ revokedAtMs: nowMs })
      .where('secretHash', '=', secretHash)
      .execute()
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
