import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { DAY_MS, type Clock, type EnrollRequest } from '@3cx-ninja/protocol'
import type { EnrollmentRow, ClientRow } from '../database/commands/access.ts'
import type { Database } from '../database/openDatabase.ts'
import type { Attempts } from './attempts.ts'
import { createLastSeen, type LastSeen } from './lastSeen.ts'

export type Role = EnrollRequest['role']
export type EnrollOutcome =
  | { readonly ok: true; readonly id: string; readonly token: string }
  | {
      readonly ok: false
      readonly reason: 'unknown-secret' | 'expired' | 'used-up' | 'other-role' | 'too-many-attempts'
      /** With `too-many-attempts`. */
      readonly retryAfterSeconds?: number
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
  /** Resolves with the client of this token and role, or with why there is none. Writes nothing: a full disk keeps nobody out. */
  authorize(role: Role, token: string | undefined, remoteAddress: string): Promise<TokenOutcome>
  /** Creates a wallboard's client without a key: an administrator's link stands for it. Resolves with its token, shown to its screen only. */
  addScreen(name: string, address: string): Promise<{ readonly id: string; readonly token: string }>
  /** Gives the wallboard's client to another screen: the old token ends and its links are closed. undefined: it was revoked. */
  moveScreen(
    id: string,
    address: string,
  ): Promise<{ readonly id: string; readonly token: string } | undefined>
  /** Resolves with the earlier enrollments of the client's machine, none of them revoked: what they own is the client's too. */
  formerIds(id: string): Promise<readonly string[]>
  /** Resolves with the clients of this role that are not revoked, by name. */
  clients(role: Role): Promise<readonly ClientRow[]>
  /** Resolves with the name of a client, also of a revoked one; undefined: there was none of this id. */
  nameOf(id: string): Promise<string | undefined>
  /** Revokes the client's token from now on; the listeners of onRevoked close its links. */
  revoke(id: string): Promise<void>
  /** Calls the listener with each client whose token ends (revoked, or moved to another screen), until the returned function is called. */
  onRevoked(listener: (id: string) => void): () => void
  /** Returns whether the client was revoked since this start: for a link that was authorized just before. */
  wasRevoked(id: string): boolean
  /** Counts a link of the client as open, and remembers from where, until the returned function is called. */
  linkOpened(id: string, address: string): () => void
  /** Returns the address of the client's newest link since this start; undefined: it had none. */
  addressOf(id: string): string | undefined
  /** Returns whether the client has a link open at this moment. */
  isConnected(id: string): boolean
  /** Resolves once it is stored when each client was last here, or cannot be. */
  stop(): Promise<void>
}

interface AccessNeeds {
  readonly database: Database
  readonly clock: Clock
  readonly newId: () => string
  readonly attempts: Attempts
  /** Called when the disk refuses to store who was here: for the log, and no client is kept out by it. */
  readonly onSeenNotStored: (error: unknown) => void
}

/** A screen that was away for longer is no longer in that place, or its cookie was copied from it: it needs a new link. */
export const SCREEN_AWAY_MS = 14 * DAY_MS

const hash = (secret: string) => createHash('sha256').update(secret).digest('base64url')

/** Creates the check of secrets and tokens over the database. Its promises reject with a DatabaseError. */
export function createAccess(needs: AccessNeeds): Access {
  const { database, clock, attempts } = needs
  const revoked = new Set<string>()
  const listeners = new Set<(id: string) => void>()
  const openLinks = new Map<string, Set<object>>()
  const addresses = new Map<string, string>()
  const lastSeen = createLastSeen({
    clock,
    store: (seen) => database.run('access.seen', { seen }),
    onNotStored: needs.onSeenNotStored,
  })
  const revoke = async (id: string) => {
    await database.run('access.revoke', { id, nowMs: clock.nowMs() })
    revoked.add(id)
    for (const listener of listeners) listener(id)
  }
  return {
    issueSecret: (role, expiresAtMs, uses = null) => issueSecret(needs, { role, expiresAtMs, uses }),
    secrets: () => database.run('access.enrollments', {}),
    revokeSecret: (secretHash) =>
      database.run('access.revokeEnrollment', { secretHash, nowMs: clock.nowMs() }),
    enroll: (request, remoteAddress) => enroll(needs, request, remoteAddress),
    async authorize(role, token, remoteAddress) {
      // The comparison comes first, also after too many failures: a good token must pass despite a neighbor's wrong ones (one
      // address for a whole terminal server).
      const client = token ? await database.run('access.byToken', { tokenHash: hash(token) }) : null
      if (client && !isLongAway(client, lastSeen, clock.nowMs())) {
        lastSeen.note(client.id)
        return client.role === role ? { ok: true, client } : { ok: false, reason: 'other-role' }
      }
      if (client) await revoke(client.id)
      const { locked } = attempts.failed('token', remoteAddress)
      return { ok: false, reason: locked ? 'too-many-attempts' : 'unknown-token' }
    },
    async addScreen(name, address) {
      const { id, token, row } = newClient(needs, { role: 'wallboard', name, machine: address })
      await database.run('access.addClient', row)
      return { id, token }
    },
    async moveScreen(id, address) {
      const token = newToken()
      const given = { id, tokenHash: hash(token), machine: address, nowMs: clock.nowMs() }
      if (!(await database.run('access.giveToken', given))) return undefined
      for (const listener of listeners) listener(id)
      return { id, token }
    },
    formerIds: (id) => database.run('access.formerIds', { id }),
    async clients(role) {
      const rows = await database.run('access.clients', { role })
      return rows.map((row) => ({ ...row, lastSeenMs: lastSeen.of(row) }))
    },
    nameOf: async (id) => (await database.run('access.name', { id })) ?? undefined,
    revoke,
    onRevoked(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    wasRevoked: (id) => revoked.has(id),
    linkOpened(id, address) {
      const link = {}
      addresses.set(id, address)
      const links = openLinks.get(id) ?? new Set()
      openLinks.set(id, links.add(link))
      return () => {
        if (links.delete(link) && links.size === 0) openLinks.delete(id)
      }
    },
    addressOf: (id) => addresses.get(id),
    isConnected: (id) => openLinks.has(id),
    stop: () => lastSeen.stop(),
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

/** `lastSeenMs` is that of the visit before: each visit moves it on. */
function isLongAway(client: ClientRow, lastSeen: LastSeen, nowMs: number): boolean {
  return client.role === 'wallboard' && nowMs - lastSeen.of(client) > SCREEN_AWAY_MS
}

const newToken = () => randomBytes(32).toString('base64url')

function newClient(
  { clock, newId }: AccessNeeds,
  { role, name, machine, extension, email }: Omit<EnrollRequest, 'secret'>,
): { readonly id: string; readonly token: string; readonly row: ClientRow } {
  const id = newId()
  const token = newToken()
  const nowMs = clock.nowMs()
  const row = {
    id,
    role,
    name,
    extension: extension ?? null,
    email: email ?? null,
    machine,
    tokenHash: hash(token),
    formerId: null,
    createdAtMs: nowMs,
    lastSeenMs: nowMs,
    revokedAtMs: null,
  }
  return { id, token, row }
}

async function enroll(
  needs: AccessNeeds,
  request: EnrollRequest,
  remoteAddress: string,
): Promise<EnrollOutcome> {
  const { id, token, row } = newClient(needs, request)
  const outcome = await needs.database.run('access.enroll', {
    secretHash: hash(request.secret),
    client: row,
    formerTokenHash: request.formerToken === undefined ? null : hash(request.formerToken),
  })
  if (outcome === 'enrolled') return { ok: true, id, token }
  if (outcome !== 'unknown-secret') return { ok: false, reason: outcome }
  const failed = needs.attempts.failed('enrollment key', remoteAddress)
  if (!failed.locked) return { ok: false, reason: outcome }
  return { ok: false, reason: 'too-many-attempts', retryAfterSeconds: failed.retryAfterSeconds }
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
