import { createHash, randomBytes } from 'node:crypto'
import { DAY_MS, type Clock } from '@3cx-ninja/protocol'

/** What came of a code, with what it was issued for. */
export type CodeOutcome<Purpose> =
  | { readonly ok: true; readonly purpose: Purpose }
  | { readonly ok: false; readonly reason: 'unknown' | 'used' | 'expired' }

/** Codes of links that count once and for a while. They are in memory only: a restart ends them. */
export interface OneTimeCodes<Purpose> {
  /** Creates a code of 192 random bits, and returns it. */
  issue(purpose: Purpose): string
  /** Consumes the code. A second caller gets `used`, also one that asks while the first is still at work. */
  consume(code: string): CodeOutcome<Purpose>
}

/** Old codes are remembered this long, so that a refusal can say 'used' or 'expired' instead of 'wrong'. */
const REMEMBER_MS = DAY_MS

const hashOf = (code: string) => createHash('sha256').update(code).digest('base64url')

/**
 * Creates the codes, each of which ends after `lifeMs`. A code is found by its hash, at the same cost for a right one and any
 * wrong one: how long the answer takes says nothing about the code.
 */
export function createOneTimeCodes<Purpose>(clock: Clock, lifeMs: number): OneTimeCodes<Purpose> {
  const codes = new Map<string, { readonly purpose: Purpose; readonly untilMs: number; used: boolean }>()
  return {
    issue(purpose) {
      const nowMs = clock.nowMs()
      for (const [hash, { untilMs }] of codes) if (untilMs + REMEMBER_MS < nowMs) codes.delete(hash)
      const code = randomBytes(24).toString('base64url')
      codes.set(hashOf(code), { purpose, untilMs: nowMs + lifeMs, used: false })
      return code
    },
    consume(code) {
      const issued = codes.get(hashOf(code))
      if (!issued) return { ok: false, reason: 'unknown' }
      if (issued.used) return { ok: false, reason: 'used' }
      if (issued.untilMs <= clock.nowMs()) return { ok: false, reason: 'expired' }
      issued.used = true
      return { ok: true, purpose: issued.purpose }
    },
  }
}
