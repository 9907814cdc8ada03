import { HOUR_MS, MINUTE_MS, SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import { networkOf } from '../server/peer.ts'

/** The credentials that peers try; each kind is counted by itself. */
export type CredentialKind =
  'enrollment key' | 'token' | 'admin link' | 'wallboard link' | 'webhook secret' | 'metrics token'

/** How the failure is answered: `locked` says so, with the seconds to wait, instead of what was wrong. */
export type FailureOutcome =
  { readonly locked: false } | { readonly locked: true; readonly retryAfterSeconds: number }

/** The wrong credentials of one address and kind since the first one of this minute. */
export interface FailedAttempts {
  readonly kind: CredentialKind
  readonly address: string
  readonly count: number
}

/**
 * Counts wrong credentials by address and kind. **A good credential is never refused**, whatever came from its address before:
 * the caller compares first and asks only about failures, so that nobody locks a colleague out behind the same router. That
 * makes guessing no cheaper than the comparison, and it need not: every credential here is random with 192 bits or more, and a
 * webhook secret has at least 32 characters; a million tries a second find none of them within the age of the universe. What
 * the lock does is to keep the answers short and the log readable.
 */
export interface Attempts {
  /** Counts one failure of the address, and returns how to answer it. Logs the first at once, the others once a minute. */
  failed(kind: CredentialKind, address: string): FailureOutcome
  /** Returns what failed in the last ten minutes more often than people mistype, the most first. */
  list(): readonly FailedAttempts[]
  /** Cancels the lines that wait to be logged. */
  stop(): void
}

/** As many as a person mistypes, or a room of PCs with one old key. */
const FREE_FAILURES = 20
const WINDOW_MS = MINUTE_MS
/** A lock doubles from a minute: a program with an old key then asks four times an hour. */
const FIRST_LOCK_MS = MINUTE_MS
const MAX_LOCK_MS = 15 * MINUTE_MS
/** After this long without a failure the address starts from the first lock again. */
const FORGET_MS = HOUR_MS
const LISTED_MS = 10 * MINUTE_MS
/** More addresses at once than a company has. Beyond it the one is forgotten that failed first. */
const MAX_ADDRESSES = 10_000

interface Failures {
  readonly kind: CredentialKind
  /** The address as it came; counted by its network. */
  address: string
  /** Monotonic times within the window. */
  recent: readonly number[]
  locks: number
  lockedUntilMs: number
  lastMs: number
  /** Since the last line of the log. */
  unlogged: number
  /** Since it was last quiet. */
  count: number
  cancelLine: (() => void) | undefined
}

/** Creates the counters. `log` is called with one line for each address, kind and minute. */
export function createAttempts(
  clock: Clock,
  log: (failed: FailedAttempts) => void = () => undefined,
): Attempts {
  const all = new Map<string, Failures>()
  const forget = (key: string) => {
    all.get(key)?.cancelLine?.()
    all.delete(key)
  }
  const entryOf = (kind: CredentialKind, address: string): Failures => {
    const key = `${kind} ${networkOf(address)}`
    const known = all.get(key)
    const nowMs = clock.monotonicMs()
    if (known && nowMs - known.lastMs < FORGET_MS) return known
    forget(key)
    const [oldest] = all.keys()
    if (all.size >= MAX_ADDRESSES && oldest !== undefined) forget(oldest)
    const fresh: Failures = { kind, address, recent: [], locks: 0, lockedUntilMs: 0, lastMs: nowMs, unlogged: 0, count: 0, cancelLine: undefined } // prettier-ignore
    all.set(key, fresh)
    return fresh
  }
  const writeLine = (entry: Failures) => {
    entry.cancelLine = undefined
    if (entry.unlogged === 0) return
    const { kind, address, unlogged: count } = entry
    entry.unlogged = 0
    log({ kind, address, count })
    entry.cancelLine = clock.after(MINUTE_MS, () => writeLine(entry))
  }
  return {
    failed(kind, address) {
      const entry = entryOf(kind, address)
      const nowMs = clock.monotonicMs()
      if (nowMs - entry.lastMs >= LISTED_MS) entry.count = 0
      entry.address = address
      entry.lastMs = nowMs
      entry.count += 1
      entry.unlogged += 1
      if (!entry.cancelLine) writeLine(entry)
      if (nowMs < entry.lockedUntilMs) return locked(entry.lockedUntilMs - nowMs)
      entry.recent = [...entry.recent.filter((ms) => nowMs - ms < WINDOW_MS), nowMs]
      if (entry.recent.length <= FREE_FAILURES) return { locked: false }
      const lockMs = Math.min(FIRST_LOCK_MS * 2 ** entry.locks, MAX_LOCK_MS)
      entry.locks += 1
      entry.recent = []
      entry.lockedUntilMs = nowMs + lockMs
      return locked(lockMs)
    },
    list: () =>
      [...all.values()]
        .filter(({ count, lastMs }) => count > FREE_FAILURES && clock.monotonicMs() - lastMs < LISTED_MS)
        .map(({ kind, address, count }) => ({ kind, address, count }))
        .sort((one, other) => other.count - one.count),
    stop() {
      for (const key of [...all.keys()]) forget(key)
    },
  }
}

const locked = (forMs: number): FailureOutcome => ({
  locked: true,
  retryAfterSeconds: Math.ceil(forMs / SECOND_MS),
})
