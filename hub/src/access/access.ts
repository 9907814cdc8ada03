import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock, EnrolRequest, Random } from '@3cx-ninja/protocol'
import type { Database } from '../database/openDatabase.ts'
import type { MemberRow } from '../database/commands/access.ts'
import { createAttempts } from './attempts.ts'

export type Role = EnrolRequest['role']
export type EnrolOutcome =
  | { readonly ok: true; readonly id: string; readonly token: string }
  | { readonly ok: false; readonly reason: 'unknown-secret' | 'expired' | 'other-role' | 'too-many-attempts' }
export type TokenOutcome =
  | { readonly ok: true; readonly member: MemberRow }
  | { readonly ok: false; readonly reason: 'unknown-token' | 'other-role' | 'too-many-attempts' }

export interface Access {
  /** A new enrolment secret, for one role or for any. Shown once: only its hash is kept. */
  issueSecret(role: Role | null, expiresAtMs: number | null): Promise<string>
  enrol(request: EnrolRequest, remoteAddress: string): Promise<EnrolOutcome>
  authorise(role: Role, token: string | undefined, remoteAddress: string): Promise<TokenOutcome>
  members(role: Role): Promise<readonly MemberRow[]>
  revoke(id: string): Promise<void>
}

const hash = (secret: string) => createHash('sha256').update(secret).digest('base64url')

/** Who may connect: enrolment secrets become tokens, tokens become members. Secrets are kept as hashes only. */
export function createAccess(needs: {
  database: Database
  clock: Clock
  random: Random
  newId: () => string
}): Access {
  const { database, clock } = needs
  const attempts = createAttempts(clock)
  return {
    async issueSecret(role, expiresAtMs) {
      const secret = randomBytes(24).toString('base64url')
      const row = {
        secretHash: hash(secret),
        role,
        createdAtMs: clock.nowMs(),
        expiresAtMs,
        revokedAtMs: null,
      }
      await database.run('access.addEnrolment', row)
      return secret
    },
    async enrol(request, remoteAddress) {
      if (attempts.tooMany(remoteAddress)) return { ok: false, reason: 'too-many-attempts' }
      const found = await database.run('access.enrolment', { secretHash: hash(request.secret) })
      if (!found || found.revokedAtMs !== null) {
        attempts.failed(remoteAddress)
        return { ok: false, reason: 'unknown-secret' }
      }
      if (found.expiresAtMs !== null && found.expiresAtMs < clock.nowMs())
        return { ok: false, reason: 'expired' }
      if (found.role !== null && found.role !== request.role) return { ok: false, reason: 'other-role' }
      const id = needs.newId()
      const token = randomBytes(32).toString('base64url')
      await database.run('access.addMember', {
        id,
        role: request.role,
        name: request.name,
        extension: request.extension ?? null,
        email: request.email ?? null,
        machine: request.machine,
        tokenHash: hash(token),
        createdAtMs: clock.nowMs(),
        lastSeenMs: clock.nowMs(),
        revokedAtMs: null,
      })
      return { ok: true, id, token }
    },
    async authorise(role, token, remoteAddress) {
      if (attempts.tooMany(remoteAddress)) return { ok: false, reason: 'too-many-attempts' }
      const member = token
        ? await database.run('access.byToken', { tokenHash: hash(token), nowMs: clock.nowMs() })
        : null
      if (!member) {
        attempts.failed(remoteAddress)
        return { ok: false, reason: 'unknown-token' }
      }
      return member.role === role ? { ok: true, member } : { ok: false, reason: 'other-role' }
    },
    members: (role) => database.run('access.members', { role }),
    revoke: (id) => database.run('access.revoke', { id, nowMs: clock.nowMs() }),
  }
}

/** The token of an `Authorization: Bearer` header. */
export function bearerOf(headers: Headers): string | undefined {
  return /^Bearer (.{1,400})$/.exec(headers.get('authorization') ?? '')?.[1]
}

/** One cookie's value. */
export function cookieOf(headers: Headers, name: string): string | undefined {
  const all = (headers.get('cookie') ?? '').split(/;\s*/)
  return all.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** Compares in constant time, whatever the lengths. */
export function sameSecret(told: string, known: string): boolean {
  return timingSafeEqual(
    createHash('sha256').update(told).digest(),
    createHash('sha256').update(known).digest(),
  )
}
