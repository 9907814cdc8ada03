import type { TokenOutcome } from '../access/access.ts'
import type { Authorized } from '../server/serverPort.ts'

type Reason = Extract<TokenOutcome, { ok: false }>['reason']

/** Returns the HTTP answer to a socket without a good token, sent before the upgrade. Rule L2. */
export function refuseToken(reason: Reason): Extract<Authorized<never>, { ok: false }> {
  switch (reason) {
    case 'unknown-token':
      return {
        ok: false,
        status: 401,
        error: 'bad-token',
        message: 'The token is missing, unknown or revoked: enroll again with a key from the admin page.',
      }
    case 'other-role':
      return {
        ok: false,
        status: 403,
        error: 'other-role',
        message: 'This token is for another kind of part: enroll with the right key.',
      }
    case 'too-many-attempts':
      return {
        ok: false,
        status: 429,
        error: 'too-many-attempts',
        message: 'Too many wrong tokens from this address: wait a minute.',
      }
  }
}
