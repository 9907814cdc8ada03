import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock, EnrollRequest } from '@3cx-ninja/protocol'
import type { EnrollmentRow, ClientRow } from '../database/commands/access.ts'
import type { Database } from '../database/openDatabase.ts'
import { createAttempts } from './attempts.ts'

export type Role = EnrollRequest['role']
export type EnrollOutcome =
  | { readonly ok: true; readonly id: string; readonly token: string }
  | {
      readonly ok: false
      readonly reason: 'unknown-secret' | 'expired' | 'used-up' | 'other-role' | 'too-many-attempts'
    }
export type TokenOutcome =
  | { readonly ok: true; readonly client: ClientRow }
  | { readonly ok: false; readonly reason: 'unknown-token' | 'other-role' | 'too-many-attempts' }

export interface Access {
  /** A new enrollment secret, for one role or for any, for so many newcomers or any number. Shown once: only its hash is kept. */
  issueSecret(role: Role | null, expiresAtMs: number | null, uses?: number | null): Promise<string>
  /** Secrets not revoked, by their hash. */
  secrets(): Promise<readonly EnrollmentRow[]>
  revokeSecret(secretHash: string): Promise<void>
  enroll(request: EnrollRequest, remoteAddress: string): Promise<EnrollOutcome>
  authorize(role: Role, token: string | undefined, remoteAddress: string): Promise<TokenOutcome>
  clients(role: Role): Promise<readonly ClientRow[]>
  /** The member's token is worth nothing from now on; whoever is connected with it is told of by onRevoked. */
  revoke(id: string): Promise<void>
  onRevoked(listener: (id: string) => void): () => void
  /** Revoked since this start: for a link that was authorized just before. */
  wasRevoked(id: string): boolean
  /** The member has a link open until the returned function is called. */
  linkOpened(id: string): () => void
  isConnected(id: string): boolean
}

const hash = (secret: string) => createHash('sha256').update(secret).digest('base64url')

/** Who may connect: enrollment secrets become tokens, tokens become members. Secrets are kept as hashes only. */
export function createAccess({
  database,
  clock,
  newId,
}: {
  database: Database
  clock: Clock
  newId: () => string
}): Access {
  const attempts = createAttempts(clock)
  const revoked = new Set<string>()
  const listeners = new Set<(id: string) => void>()
  const openLinks = new Map<string, Set<object>>()
  return {
    async issueSecret(role, expiresAtMs, uses = null) {
      const secret = randomBytes(24).toString('hex') // never a leading dash: a command line would take it for an option
      const row = {
        secretHash: hash(secret),
        role,
        createdAtMs: clock.nowMs(),
        expiresAtMs,
        revokedAtMs: null,
        usesLeft: uses,
      }
      await database.run('access.addEnrollment', row)
      return secret
    },
    secrets: () => database.run('access.enrollments', {}),
    revokeSecret: (secretHash) =>
      database.run('access.revokeEnrollment', { secretHash, nowMs: clock.nowMs() }),
    async enroll(request, remoteAddress) {
      if (attempts.tooMany(remoteAddress)) return { ok: false, reason: 'too-many-attempts' }
      const id = newId()
      const token = randomBytes(32).toString('base64url')
      const client = {
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
      }
      const outcome = await database.run('access.enroll', {
        secretHash: hash(request.secret),
        client: client,
      })
      if (outcome === 'enrolled') return { ok: true, id, token }
      if (outcome === 'unknown-secret') attempts.failed(remoteAddress)
      return { ok: false, reason: outcome }
    },
    async authorize(role, token, remoteAddress) {
      // Also where too many failed: a good token must pass beside a neighbor's wrong ones (one address for a whole terminal server).
      const client = token
        ? await database.run('access.byToken', { tokenHash: hash(token), nowMs: clock.nowMs() })
        : null
      if (client) return client.role === role ? { ok: true, client } : { ok: false, reason: 'other-role' }
      if (attempts.tooMany(remoteAddress)) return { ok: false, reason: 'too-many-attempts' }
      attempts.failed(remoteAddress)
      return { ok: false, reason: 'unknown-token' }
    },
    clients: (role) => database.run('access.clients', { role }),
    async revoke(id) {
      await database.run('access.revoke', { id, nowMs: clock.nowMs() })
      revoked.add(id)
      for (const listener of listeners) listener(id)
    },
    onRevoked(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    wasRevoked: (id) => revoked.has(id),
    linkOpened(id) {
      const link = {}
      const links = openLinks.get(id) ?? new Set()
      openLinks.set(id, links.add(link))
      return () => {
        if (links.delete(link) && links.size === 0) openLinks.delete(id)
      }
    },
    isConnected: (id) => openLinks.has(id),
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
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(
    createHash('sha256').update(given).digest(),
    createHash('sha256').update(expected).digest(),
  )
}
