/**
 * Time as a part of the product sees it. Code that waits or stamps receives a Clock from outside, so that tests advance it
 * by hand; only `main.ts`, `app.ts` and `start.ts` create the real one.
 */
export interface Clock {
  /** Returns wall-clock time in ms since 1970, for stamps that people or other machines read. It may jump. */
  nowMs(): number
  /** Returns monotonic ms since an arbitrary start, for durations and deadlines inside one process. It never jumps. */
  monotonicMs(): number
  /** Calls `action` once after `delayMs`; the returned function cancels it and is safe to call twice. */
  after(delayMs: number, action: () => void): () => void
  /** Returns a signal that aborts after `delayMs`. Combine it with others by `AbortSignal.any`. */
  timeout(delayMs: number): AbortSignal
}

/** Returns a uniform random number in [0, 1). */
export type Random = () => number

/** One second in milliseconds; the other units below build on it. */
export const SECOND_MS = 1_000
/** One minute in milliseconds, for durations in tuning files. */
export const MINUTE_MS = 60 * SECOND_MS
/** One hour in milliseconds, for durations in tuning files. */
export const HOUR_MS = 60 * MINUTE_MS
/** One day of 24 hours in milliseconds, for retention and ages. */
export const DAY_MS = 24 * HOUR_MS
