import { z } from 'zod'
import { agentId, wallboardId, workerId } from './ids.ts'
import { text, wallClockMs, wholeMs } from './units.ts'

/** Grows with every change that an older peer cannot ignore. */
export const PROTOCOL_VERSION = 1
/** The oldest protocol version that this code still supports on either side. */
export const PROTOCOL_OLDEST = 1

/** First message on every link, sent by the client; the token itself is in the upgrade request. Rule L1. */
export const hello = z.object({
  kind: z.literal('hello'),
  protocol: z.int().min(0),
  role: z.enum(['agent', 'worker', 'wallboard']),
  version: text(40),
  /**
   * Created at each start of the client's program. An instance that returns after another one proves that two programs
   * share one token: a copied disk copies everything that is stored, but never this value. Rule L8.
   */
  instance: text(64).optional(),
  /** Name of the client's machine, for people. */
  machine: text(120).optional(),
})
export type Hello = z.infer<typeof hello>

/** The hub's answer to hello; neither side sends anything else before it. Rule L1. */
export const welcome = z.object({
  kind: z.literal('welcome'),
  protocol: z.int().min(0),
  hubVersion: text(40),
  hubTimeMs: wallClockMs,
  clientId: z.union([agentId, workerId, wallboardId]),
  /** Each side sends something (a ping if nothing else) at least this often, and closes after three times as long a silence. */
  heartbeatMs: wholeMs,
})
export type Welcome = z.infer<typeof welcome>

/** Sent by a side that has sent nothing for a heartbeat; answered by `pong` with the same `n`. Rule L4. */
export const ping = z.object({ kind: z.literal('ping'), n: z.int().min(0) })
/** Answers `ping` with its `n`; any message counts as a sign of life. Rule L4. */
export const pong = z.object({ kind: z.literal('pong'), n: z.int().min(0) })
/** The messages of the link itself, in both directions, by `kind`. */
export const linkMessage = z.discriminatedUnion('kind', [hello, welcome, ping, pong])

/** Service type under which hubs announce themselves on the local network by DNS-SD: `_3cx-ninja._tcp`. */
export const HUB_SERVICE = '3cx-ninja'

/** Body of `POST /api/enroll`; `secret` is the first half of the enrollment key `<secret>.<SHA-256 of the CA's public key, base64url>`. */
export const enrollRequest = z.object({
  role: z.enum(['agent', 'worker', 'wallboard']),
  secret: text(200),
  name: text(120),
  extension: text(32).optional(),
  email: text(254).optional(),
  machine: text(120),
  /** The token of this machine's earlier enrollment on this hub: what that one owns, the new one owns too. Rule C9. */
  formerToken: text(200).optional(),
})
export type EnrollRequest = z.infer<typeof enrollRequest>
/** The hub's answer to an enrollment: the client's id, and the token that it stores and never shows. */
export const enrollResponse = z.object({ id: text(64), token: text(200), hubName: text(120) })
export type EnrollResponse = z.infer<typeof enrollResponse>
