import type { Random } from '../clock.ts'

/** First delay, ceiling and growth factor of a series of retries. */
export interface BackoffTuning {
  readonly firstMs: number
  readonly maxMs: number
  readonly factor: number
}

/**
 * Returns the delay in ms before attempt number `attempt` (1 = first retry): growing, with a ceiling, and ±50 % jitter so that
 * a thousand agents do not return at once.
 */
export function nextDelayMs(
  { attempt, random }: { attempt: number; random: Random },
  tuning: BackoffTuning,
): number {
  const full = Math.min(tuning.maxMs, tuning.firstMs * tuning.factor ** Math.max(0, attempt - 1))
  return Math.round(full * (0.5 + random()))
}
