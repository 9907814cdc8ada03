import { createHash, createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { DAY_MS, HOUR_MS, MINUTE_MS, type Clock } from '@3cx-ninja/protocol'
import { sameSecret } from '../../access/access.ts'
import { createAttempts } from '../../access/attempts.ts'

/** A working day and a bit. */
export const SESSION_MS = 12 * HOUR_MS
/** Long enough to walk from the server to a desk, short enough to be worth nothing in an old log. */
export const ONCE_MS = 30 * MINUTE_MS
/** Old codes are remembered this long, to tell 'used' and 'expired' from 'wrong'. */
const REMEMBER_MS = DAY_MS

/** One signed-in browser: 'session' is what everybody calls that, and stands for nothing else in this project. */
export interface AdminSession {
  readonly csrf: string
  readonly untilMs: number
}
export type BeginOutcome =
  | { readonly ok: true; readonly token: string; readonly session: AdminSession }
  | { readonly ok: false; readonly reason: 'unknown' | 'used' | 'expired' | 'too-many-attempts' }

/** Keeps the sessions over a restart, which every change of a setting asks for: only hashes of their tokens. */
export interface AdminSessionStore {
  read(): Promise<unknown>
  save(sessions: unknown): Promise<void>
}
const stored = z.array(z.object({ tokenHash: z.string(), untilMs: z.number() }))

export interface AdminSessions {
  /** The code of a new one-time link. */
  issueCode(): string
  /** A code opens one session, once, within half an hour. Twenty wrong ones from an address within a minute lock it out for that minute. */
  begin(code: string, address: string): Promise<BeginOutcome>
  find(token: string | undefined): AdminSession | undefined
  end(token: string | undefined): Promise<void>
}

const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url')
/** Follows from the token, so that it need not be kept: whoever holds the cookie's token may write, nobody else can make it. */
const csrfOf = (token: string) => createHmac('sha256', token).update('csrf').digest('base64url')

/** Codes in memory (a restart ends them), sessions in the store as well. What cannot be stored lasts until the restart. */
export async function openAdminSessions({
  clock,
  store,
  onNotStored,
}: {
  clock: Clock
  store: AdminSessionStore
  onNotStored: (error: unknown) => void
}): Promise<AdminSessions> {
  const codes = new Map<string, { untilMs: number; used: boolean }>()
  const attempts = createAttempts(clock)
  const before = stored.safeParse(await store.read())
  const sessions = new Map((before.data ?? []).map(({ tokenHash, untilMs }) => [tokenHash, untilMs]))
  const sweep = () => {
    const nowMs = clock.nowMs()
    for (const [code, { untilMs }] of codes) if (untilMs + REMEMBER_MS < nowMs) codes.delete(code)
    for (const [tokenHash, untilMs] of sessions) if (untilMs <= nowMs) sessions.delete(tokenHash)
  }
  const keep = () =>
    store.save([...sessions].map(([tokenHash, untilMs]) => ({ tokenHash, untilMs }))).catch(onNotStored)
  return {
    issueCode() {
      sweep()
      const code = randomBytes(24).toString('base64url')
      codes.set(code, { untilMs: clock.nowMs() + ONCE_MS, used: false })
      return code
    },
    async begin(code, address) {
      if (attempts.tooMany(address)) return { ok: false, reason: 'too-many-attempts' }
      const known = [...codes].find(([secret]) => sameSecret(code, secret))?.[1]
      if (!known) {
        attempts.failed(address)
        return { ok: false, reason: 'unknown' }
      }
      if (known.used) return { ok: false, reason: 'used' }
      if (known.untilMs <= clock.nowMs()) return { ok: false, reason: 'expired' }
      known.used = true
      sweep()
      const token = randomBytes(32).toString('base64url')
      const untilMs = clock.nowMs() + SESSION_MS
      sessions.set(hashOf(token), untilMs)
      await keep()
      return { ok: true, token, session: { csrf: csrfOf(token), untilMs } }
    },
    find(token = '') {
      const untilMs = sessions.get(hashOf(token))
      return untilMs !== undefined && untilMs > clock.nowMs() ? { csrf: csrfOf(token), untilMs } : undefined
    },
    async end(token = '') {
      if (sessions.delete(hashOf(token))) await keep()
    },
  }
}
