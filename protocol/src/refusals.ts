import { z } from 'zod'

/** Close codes of the link by name. `final`: reconnecting is useless until a person changes something. Rule L7. */
export const CLOSE = {
  goingAway: { code: 1001, final: false, meaning: 'the hub stops or restarts' },
  tooLarge: { code: 1009, final: true, meaning: 'a message was larger than allowed' },
  protocolTooOld: {
    code: 4400,
    final: true,
    meaning: 'the client speaks an older protocol than the hub supports: update it',
  },
  protocolTooNew: { code: 4406, final: false, meaning: 'the hub speaks an older protocol: update the hub' },
  badToken: { code: 4401, final: true, meaning: 'token missing, unknown or revoked: enroll again' },
  brokenMessage: { code: 4422, final: false, meaning: 'a known message did not have its shape' },
  helloMissing: { code: 4408, final: false, meaning: 'no hello within its time' },
  replaced: {
    code: 4409,
    final: false,
    meaning: 'another program with the same token connected: enroll one of them again',
  },
  heartbeatLost: { code: 4410, final: false, meaning: 'nothing was received for too long' },
  tooSlow: { code: 4413, final: false, meaning: 'the receiver did not read fast enough' },
  tooMany: { code: 4429, final: false, meaning: 'too many messages or connections' },
  internal: { code: 1011, final: false, meaning: 'the hub failed; see its log' },
} as const
/** Name of a close code of ours, sent as the close reason too. */
export type CloseName = keyof typeof CLOSE

/** Error body of every HTTP route: a code for programs, a sentence with the remedy for people. */
export const refusal = z.object({ error: z.string().max(64), message: z.string().max(1_000) })
