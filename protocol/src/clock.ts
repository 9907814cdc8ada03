/**
 * Time as a part of our product sees it. Everything that waits or stamps takes a Clock from outside, so that
 * tests turn it by hand; the real one is made in `main.ts`, `app.ts` or `start.ts` only.
 */
export interface Clock {
  /** Wall-clock time in ms since 1970, for stamps that people or other machines read. May jump. */
  nowMs(): number
  /** Monotonic ms since an arbitrary start, for durations and deadlines inside one process. Never jumps. */
  monotonicMs(): number
  /** Runs `action` once after `delayMs`; the returned function cancels it and is safe to call twice. */
  after(delayMs: number, action: () => void): () => void
  /** A signal that aborts after `delayMs`. Combine with `AbortSignal.any`. */
  timeout(delayMs: number): AbortSignal
}

/** Uniform number in [0, 1). */
export type Random = () => number

export const SECOND_MS = 1_000
export const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS
