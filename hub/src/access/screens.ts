import { HOUR_MS, type Clock } from '@3cx-ninja/protocol'
import type { Access } from './access.ts'
import type { Attempts } from './attempts.ts'
import { createOneTimeCodes } from './oneTimeCodes.ts'

/** What a wallboard's link is for: a new screen of this name, or the move of one that is there. */
export type ScreenPurpose = { readonly name: string } | { readonly id: string }

/** A screen with its token, or why the link counts no more. `gone`: the screen that was to move was ended meanwhile. */
export type ScreenOutcome =
  | { readonly ok: true; readonly id: string; readonly token: string }
  | { readonly ok: false; readonly reason: 'unknown' | 'used' | 'expired' | 'gone' }
  | { readonly ok: false; readonly reason: 'too-many-attempts'; readonly retryAfterSeconds: number }

/** The links by which an administrator puts the wallboard onto a screen. */
export interface Screens {
  /** Creates a link's code for one screen, once, within an hour. */
  issueCode(purpose: ScreenPurpose): string
  /** Consumes the code for the screen that asks first. Rejects with a DatabaseError; the code is consumed then, too. */
  redeem(code: string, address: string): Promise<ScreenOutcome>
}

/** Long enough to walk to the screen with the address on a telephone. */
export const SCREEN_LINK_MS = HOUR_MS

/** Creates the links of wallboards. What they admit is a client like any other, with a token of its own. */
export function createScreens(needs: {
  readonly access: Pick<Access, 'addScreen' | 'moveScreen'>
  readonly attempts: Attempts
  readonly clock: Clock
}): Screens {
  const codes = createOneTimeCodes<ScreenPurpose>(needs.clock, SCREEN_LINK_MS)
  return {
    issueCode: (purpose) => codes.issue(purpose),
    async redeem(code, address) {
      const consumed = codes.consume(code)
      if (!consumed.ok) {
        if (consumed.reason !== 'unknown') return consumed
        const failed = needs.attempts.failed('wallboard link', address)
        return failed.locked
          ? { ok: false, reason: 'too-many-attempts', retryAfterSeconds: failed.retryAfterSeconds }
          : consumed
      }
      const { purpose } = consumed
      const screen =
        'name' in purpose
          ? await needs.access.addScreen(purpose.name, address)
          : await needs.access.moveScreen(purpose.id, address)
      return screen ? { ok: true, ...screen } : { ok: false, reason: 'gone' }
    },
  }
}
