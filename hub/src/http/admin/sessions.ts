import { createHash, createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { DAY_MS, HOUR_MS, MINUTE_MS, type Clock } from '@3cx-ninja/protocol'
import { sameSecret } from '../../access/access.ts'
import type { AdminSessionStore } from '../../access/adminSessionStore.ts'
import { createAttempts } from '../../access/attempts.ts'

/** 12 h, then a new link is needed: one working day. */
export const SESSION_MS = 12 * HOUR_MS
/** Long enough to walk from the server to a desk, short enough to be worth nothing in an old log. */
export const ONCE_MS = 30 * MINUTE_MS
/** Old codes are remembered this long, so that a refusal can say 'used' or 'expired' instead of 'wrong'. */
const REMEMBER_MS = DAY_MS

/** One signed-in browser: 'session' is the usual word for it, and stands for nothing else in this project but TLS. */
export interface AdminSession {
  readonly csrf: string
  readonly untilMs: number
}
/** A session that began with its token, or the code of the refusal. */
export type BeginOutcome =
  | { readonly ok: true; readonly token: string; readonly session: AdminSession }
  | { readonly ok: false; readonly reason: 'unknown' | 'used' | 'expired' | 'too-many-attempts' }

const stored = z.array(z.object({ tokenHash: z.string(), untilMs: z.number() }))

/**
 * Codes of one-time links and the sessions they open. A code is issued, then used or expired; a session ends by `end`
 * or after 12 h.
 */
export interface AdminSessions {
  /** Creates a one-time link and returns its code. */
  issueCode(): string
  /** Opens one session by a code, once, within half an hour. Twenty wrong codes from an address within a minute lock it out for that minute. */
  begin(code: string, address: string): Promise<BeginOutcome>
  /** Returns the session of this token; undefined: it ended, or there was none. */
  find(token: string | undefined): AdminSession | undefined
  /** Ends the session of this token; nothing happens when there is none. */
  end(token: string | undefined): Promise<void>
}

const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url')
/** The CSRF token follows from the session's token, so it need not be stored: only the holder of the cookie can compute it. */
const csrfOf = (token: string) => createHmac('sha256', token).update('csrf').digest('base64url')

/**
 * Opens the sessions that were stored. Codes are in memory only (a restart ends them). A session that cannot be stored calls
 * `onNotStored` and lasts until the restart.
 */
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
  const saved = stored.safeParse(await store.read())
  const sessions = new Map((saved.data ?? []).map(({ tokenHash, untilMs }) => [tokenHash, untilMs]))
  const sweep = () => {
    const nowMs = clock.nowMs()
    for (const [code, { untilMs }] of codes) if (untilMs + REMEMBER_MS < nowMs) codes.delete(code)
    for (const [tokenHash, untilMs] of sessions) if (untilMs <= nowMs) sessions.delete(tokenHash)
  }
  const save = () =>
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
      const issued = [...codes].find(([secret]) => sameSecret(code, secret))?.[1]
      if (!issued) {
        attempts.failed(address)
        return { ok: false, reason: 'unknown' }
      }
      if (issued.used) return { ok: false, reason: 'used' }
      if (issued.untilMs <= clock.nowMs()) return { ok: false, reason: 'expired' }
      issued.used = true
      sweep()
      const token = randomBytes(32).toString('base64url')
      const untilMs = clock.nowMs() + SESSION_MS
      sessions.set(hashOf(token), untilMs)
      await save()
      return { ok: true, token, session: { csrf: csrfOf(token), untilMs } }
    },
    find(token = '') {
      const untilMs = sessions.get(hashOf(token))
      return untilMs !== undefined && untilMs > clock.nowMs() ? { csrf: csrfOf(token), untilMs } : undefined
    },
    async end(token = '') {
      if (sessions.delete(hashOf(token))) await save()
    },
  }
}
