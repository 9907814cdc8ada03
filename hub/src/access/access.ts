import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock, EnrollRequest } from '@3cx-ninja/protocol'
import type { EnrollmentRow, ClientRow } from '../database/commands/access.ts'
import type { Database } from '../database/openDatabase.ts'
import { createAttempts, type Attempts } from './attempts.ts'

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

/** Who may connect. A secret enrolls clients, each enrolled client has a token; of both only hashes are stored. */
export interface Access {
  /**
   * Creates an enrollment secret for one role or for any, for `uses` clients or any number, and resolves with it: it is shown
   * once, only its hash is stored.
   */
  issueSecret(role: Role | null, expiresAtMs: number | null, uses?: number | null): Promise<string>
  /** Resolves with the secrets that are not revoked, by their hash. */
  secrets(): Promise<readonly EnrollmentRow[]>
  /** Revokes the secret: no client enrolls by it any more; those that did keep their tokens. */
  revokeSecret(secretHash: string): Promise<void>
  /** Exchanges a secret for a token, which is in the outcome and nowhere else; refuses with a code. */
  enroll(request: EnrollRequest, remoteAddress: string): Promise<EnrollOutcome>
  /** Resolves with the client of this token and role, or with why there is none. */
  authorize(role: Role, token: string | undefined, remoteAddress: string): Promise<TokenOutcome>
  /** Resolves with the clients of this role that are not revoked, by name. */
  clients(role: Role): Promise<readonly ClientRow[]>
  /** Revokes the client's token from now on; the listeners of onRevoked close its links. */
  revoke(id: string): Promise<void>
  /** Calls the listener with each client that is revoked, until the returned function is called. */
  onRevoked(listener: (id: string) => void): () => void
  /** Returns whether the client was revoked since this start: for a link that was authorized just before. */
  wasRevoked(id: string): boolean
  /** Counts a link of the client as open until the returned function is called. */
  linkOpened(id: string): () => void
  /** Returns whether the client has a link open at this moment. */
  isConnected(id: string): boolean
}

interface AccessNeeds {
  readonly database: Database
  readonly clock: Clock
  readonly newId: () => string
}

const hash = (secret: string) => createHash('sha256').update(secret).digest('base64url')

/** Creates the check of secrets and tokens over the database. Its promises reject with a DatabaseError. */
export function createAccess(needs: AccessNeeds): Access {
  const { database, clock } = needs
  const attempts = createAttempts(clock)
  const revoked = new Set<string>()
  const listeners = new Set<(id: string) => void>()
  const openLinks = new Map<string, Set<object>>()
  return {
    issueSecret: (role, expiresAtMs, uses = null) => issueSecret(needs, { role, expiresAtMs, uses }),
    secrets: () => database.run('access.enrollments', {}),
    revokeSecret: (secretHash) =>
      database.run('access.revokeEnrollment', { secretHash, nowMs: clock.nowMs() }),
    enroll: (request, remoteAddress) => enroll(needs, attempts, request, remoteAddress),
    async authorize(role, token, remoteAddress) {
      // Also after too many failures: a good token must pass despite a neighbor's wrong ones (one address for a whole
      // terminal server).
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

async function issueSecret(
  { database, clock }: AccessNeeds,
  { role, expiresAtMs, uses }: { role: Role | null; expiresAtMs: number | null; uses: number | null },
): Promise<string> {
  const secret = randomBytes(24).toString('hex') // never a leading dash: a command line would take it for an option
  await database.run('access.addEnrollment', {
    secretHash: hash(secret),
    role,
    createdAtMs: clock.nowMs(),
    expiresAtMs,
    revokedAtMs: null,
    usesLeft: uses,
  })
  return secret
}

async function enroll(
  { database, clock, newId }: AccessNeeds,
  attempts: Attempts,
  request: EnrollRequest,
  remoteAddress: string,
): Promise<EnrollOutcome> {
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
  const outcome = await database.run('access.enroll', { secretHash: hash(request.secret), client })
  if (outcome === 'enrolled') return { ok: true, id, token }
  if (outcome === 'unknown-secret') attempts.failed(remoteAddress)
  return { ok: false, reason: outcome }
}

/** Returns the token of an `Authorization: Bearer` header; undefined: there is none of at most 400 characters. */
export function bearerOf(headers: Headers): string | undefined {
  return /^Bearer (.{1,400})$/.exec(headers.get('authorization') ?? '')?.[1]
}

/** Returns the value of the cookie of this name; undefined: the request has none. */
export function cookieOf(headers: Headers, name: string): string | undefined {
  const all = (headers.get('cookie') ?? '').split(/;\s*/)
  return all.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** Returns whether two secrets are equal, compared in constant time whatever their lengths. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(
    createHash('sha256').update(given).digest(),
    createHash('sha256').update(expected).digest(),
  )
}
