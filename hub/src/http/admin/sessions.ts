import { createHash, createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { HOUR_MS, MINUTE_MS, type Clock } from '@3cx-ninja/protocol'
import type { AdminSessionStore } from '../../access/adminSessionStore.ts'
import type { Attempts } from '../../access/attempts.ts'
import { createOneTimeCodes } from '../../access/oneTimeCodes.ts'

/** 12 h, then a new link is needed: one working day. */
export const SESSION_MS = 12 * HOUR_MS
/** Long enough to walk from the server to a desk, short enough to be worth nothing in an old log. */
export const ONCE_MS = 30 * MINUTE_MS

/** One signed-in browser: 'session' is the usual word for it, and stands for nothing else in this project but TLS. */
export interface AdminSession {
  readonly csrf: string
  readonly untilMs: number
}
/** A session that began with its token, or the code of the refusal. */
export type BeginOutcome =
  | { readonly ok: true; readonly token: string; readonly session: AdminSession }
  | { readonly ok: false; readonly reason: 'unknown' | 'used' | 'expired' }
  | { readonly ok: false; readonly reason: 'too-many-attempts'; readonly retryAfterSeconds: number }

const stored = z.array(z.object({ tokenHash: z.string(), untilMs: z.number() }))

/**
 * Codes of one-time links and the sessions they open. A code is issued, then used or expired; a session ends by `end`
 * or after 12 h.
 */
export interface AdminSessions {
  /** Creates a one-time link and returns its code. */
  issueCode(): string
  /** Opens one session by a code, once, within half an hour. Many wrong codes from an address are answered with a lock; a good one passes. */
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
  attempts,
  store,
  onNotStored,
}: {
  clock: Clock
  attempts: Attempts
  store: AdminSessionStore
  onNotStored: (error: unknown) => void
}): Promise<AdminSessions> {
  const codes = createOneTimeCodes<'admin'>(clock, ONCE_MS)
  const saved = stored.safeParse(await store.read())
  const sessions = new Map((saved.data ?? []).map(({ tokenHash, untilMs }) => [tokenHash, untilMs]))
  const sweep = () => {
    const nowMs = clock.nowMs()
    for (const [tokenHash, untilMs] of sessions) if (untilMs <= nowMs) sessions.delete(tokenHash)
  }
  const save = () =>
    store.save([...sessions].map(([tokenHash, untilMs]) => ({ tokenHash, untilMs }))).catch(onNotStored)
  return {
    issueCode: () => codes.issue('admin'),
    async begin(code, address) {
      const consumed = codes.consume(code)
      if (!consumed.ok) {
        const failed = attempts.failed('admin link', address)
        return failed.locked
          ? { ok: false, reason: 'too-many-attempts', retryAfterSeconds: failed.retryAfterSeconds }
          : consumed
      }
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
