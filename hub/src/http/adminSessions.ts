import { randomBytes } from 'node:crypto'
import { DAY_MS, HOUR_MS, MINUTE_MS, type Clock } from '@3cx-ninja/protocol'
import { sameSecret } from '../access/access.ts'
import { createAttempts } from '../access/attempts.ts'

/** A working day and a bit. */
export const SESSION_MS = 12 * HOUR_MS
/** Long enough to walk from the server to a desk, short enough to be worth nothing in an old log. */
export const ONCE_MS = 30 * MINUTE_MS
/** Old codes are remembered this long, to tell 'used' and 'expired' from 'wrong'. */
const REMEMBER_MS = DAY_MS

export interface AdminSession {
  readonly csrf: string
  readonly untilMs: number
}
export type BeginOutcome =
  | { readonly ok: true; readonly token: string; readonly session: AdminSession }
  | { readonly ok: false; readonly reason: 'unknown' | 'used' | 'expired' | 'too-many-attempts' }

export interface AdminSessions {
  /** The code of a new one-time link. */
  issueCode(): string
  /** A code opens one session, once, within half an hour. Twenty wrong ones from an address within a minute lock it out for that minute. */
  begin(code: string, address: string): BeginOutcome
  find(token: string | undefined): AdminSession | undefined
  end(token: string | undefined): void
}

/** Codes and sessions of administrators, in memory: a restart ends them all. */
export function createAdminSessions(clock: Clock): AdminSessions {
  const codes = new Map<string, { untilMs: number; used: boolean }>()
  const sessions = new Map<string, AdminSession>()
  const attempts = createAttempts(clock)
  const sweep = () => {
    const nowMs = clock.nowMs()
    for (const [code, { untilMs }] of codes) if (untilMs + REMEMBER_MS < nowMs) codes.delete(code)
    for (const [token, { untilMs }] of sessions) if (untilMs < nowMs) sessions.delete(token)
  }
  return {
    issueCode() {
      sweep()
      const code = randomBytes(24).toString('base64url')
      codes.set(code, { untilMs: clock.nowMs() + ONCE_MS, used: false })
      return code
    },
    begin(code, address) {
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
      const session = {
        csrf: randomBytes(16).toString('base64url'),
        untilMs: clock.nowMs() + SESSION_MS,
      }
      sessions.set(token, session)
      return { ok: true, token, session }
    },
    find(token) {
      const session = sessions.get(token ?? '')
      return session && session.untilMs > clock.nowMs() ? session : undefined
    },
    end: (token) => void sessions.delete(token ?? ''),
  }
}
