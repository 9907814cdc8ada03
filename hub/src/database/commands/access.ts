import type { Kysely, Selectable } from 'kysely'
import type { EnrollmentTable, ClientTable, Tables } from '../tables.ts'

/** A row of the table `client`, with every column as it is read. */
export type ClientRow = Selectable<ClientTable>
/** A row of the table `enrollment`, with every column as it is read. */
export type EnrollmentRow = Selectable<EnrollmentTable>

/** A machine that was enrolled more often than this has nothing left of its first enrollments. */
const MAX_FORMER = 20

/** The commands over secrets and clients; each runs as one transaction. */
export const accessCommands = {
  /** Stores a secret's hash; the same hash again changes nothing. */
  'access.addEnrollment': async (db: Kysely<Tables>, row: Selectable<EnrollmentTable>) => {
    await db
      .insertInto('enrollment')
      .values(row)
      .onConflict((c) => c.column('secretHash').doNothing())
      .execute()
  },
  /** Checks the secret, consumes one use of it and stores the client: together or not at all. */
  'access.enroll': async (
    db: Kysely<Tables>,
    {
      secretHash,
      client,
      formerTokenHash,
    }: { secretHash: string; client: ClientRow; formerTokenHash: string | null },
  ): Promise<'enrolled' | 'unknown-secret' | 'expired' | 'used-up' | 'other-role'> => {
    const secret = await db
      .selectFrom('enrollment')
      .selectAll()
      .where('secretHash', '=', secretHash)
      .executeTakeFirst()
    if (!secret || secret.revokedAtMs !== null) return 'unknown-secret'
    if (secret.expiresAtMs !== null && secret.expiresAtMs <= client.createdAtMs) return 'expired'
    if (secret.role !== null && secret.role !== client.role) return 'other-role'
    if (secret.usesLeft !== null) {
      if (secret.usesLeft <= 0) return 'used-up'
      const usesLeft = secret.usesLeft - 1
      await db.updateTable('enrollment').set({ usesLeft }).where('secretHash', '=', secretHash).execute()
    }
    const former =
      formerTokenHash === null
        ? undefined
        : await db
            .selectFrom('client')
            .select('id')
            .where('tokenHash', '=', formerTokenHash)
            .where('role', '=', client.role)
            .where('revokedAtMs', 'is', null)
            .executeTakeFirst()
    await db
      .insertInto('client')
      .values({ ...client, formerId: former?.id ?? null })
      .execute()
    return 'enrolled'
  },
  /** Returns the earlier enrollments of the client's machine, the last one first, up to one that was revoked. */
  'access.formerIds': async (db: Kysely<Tables>, { id }: { id: string }): Promise<string[]> => {
    const ids: string[] = []
    for (let next: string | null = id; next !== null && ids.length <= MAX_FORMER;) {
      const row: { formerId: string | null } | undefined = await db
        .selectFrom('client')
        .select('formerId')
        .where('id', '=', next)
        .where('revokedAtMs', 'is', null)
        .executeTakeFirst()
      if (!row) break
      ids.push(next)
      next = row.formerId
    }
    return ids.slice(1)
  },
  /** Stores a client that needs no secret. */
  'access.addClient': async (db: Kysely<Tables>, client: ClientRow) => {
    await db.insertInto('client').values(client).execute()
  },
  /** Replaces the token of a client and notes where it is now; returns false for a client that is revoked or unknown. */
  'access.giveToken': async (
    db: Kysely<Tables>,
    { id, tokenHash, machine, nowMs }: { id: string; tokenHash: string; machine: string; nowMs: number },
  ): Promise<boolean> => {
    const { numUpdatedRows } = await db
      .updateTable('client')
      .set({ tokenHash, machine, lastSeenMs: nowMs })
      .where('id', '=', id)
      .where('revokedAtMs', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows > 0
  },
  /** Returns the secrets that are not revoked, the oldest first. */
  'access.enrollments': async (db: Kysely<Tables>, _: Record<string, never>) =>
    db.selectFrom('enrollment').selectAll().where('revokedAtMs', 'is', null).orderBy('createdAtMs').execute(),
  /** Marks the secret revoked: no client enrolls by it any more. */
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
  /** Returns the client with this token; null: no such token, or it is revoked. */
  'access.byToken': async (db: Kysely<Tables>, { tokenHash }: { tokenHash: string }) =>
    (await db
      .selectFrom('client')
      .selectAll()
      .where('tokenHash', '=', tokenHash)
      .where('revokedAtMs', 'is', null)
      .executeTakeFirst()) ?? null,
  /** Notes when clients were last here; an older time changes nothing. */
  'access.seen': async (
    db: Kysely<Tables>,
    { seen }: { seen: readonly { readonly id: string; readonly seenMs: number }[] },
  ) => {
    for (const { id, seenMs } of seen)
      await db
        .updateTable('client')
        .set({ lastSeenMs: seenMs })
        .where('id', '=', id)
        .where('lastSeenMs', '<', seenMs)
        .execute()
  },
  /** Returns the clients of this role that are not revoked, by name. */
  'access.clients': async (db: Kysely<Tables>, { role }: { role: string }) =>
    db
      .selectFrom('client')
      .selectAll()
      .where('role', '=', role)
      .where('revokedAtMs', 'is', null)
      .orderBy('name')
      .execute(),
  /** Returns the name of a client, revoked or not; null: there is none. */
  'access.name': async (db: Kysely<Tables>, { id }: { id: string }) =>
    (await db.selectFrom('client').select('name').where('id', '=', id).executeTakeFirst())?.name ?? null,
  /** Marks the client revoked: its token no longer authorizes. */
  'access.revoke': async (db: Kysely<Tables>, { id, nowMs }: { id: string; nowMs: number }) => {
    await db.updateTable('client').set({ revokedAtMs: nowMs }).where('id', '=', id).execute()
  },
}
