import { z } from 'zod'
import { agentId, wallboardId, workerId } from './ids.ts'
import { text, wallClockMs, wholeMs } from './units.ts'

/** Grows with every change that an older peer cannot ignore. */
export const PROTOCOL_VERSION = 1
/** The oldest version this code still speaks. */
export const PROTOCOL_OLDEST = 1

/** First message on every link, from the newcomer. The token itself stands in the upgrade request. */
export const hello = z.object({
  kind: z.literal('hello'),
  protocol: z.int().min(0),
  role: z.enum(['agent', 'worker', 'wallboard']),
  version: text(40),
  /**
   * Made anew at each start of the newcomer's program. So one that comes back after another was there tells for certain
   * that two programs live with one token: a copied disk copies what is stored, but never this.
   */
  instance: text(64).optional(),
  /** Name of the newcomer's machine, for people. */
  machine: text(120).optional(),
})
export type Hello = z.infer<typeof hello>

/** Answer of the hub; nothing else may be sent before it arrived. */
export const welcome = z.object({
  kind: z.literal('welcome'),
  protocol: z.int().min(0),
  hubVersion: text(40),
  hubTimeMs: wallClockMs,
  clientId: z.union([agentId, workerId, wallboardId]),
  /** Each side says something (a ping if nothing else) at least this often, and gives up after three times as long. */
  heartbeatMs: wholeMs,
})
export type Welcome = z.infer<typeof welcome>

export const ping = z.object({ kind: z.literal('ping'), n: z.int().min(0) })
export const pong = z.object({ kind: z.literal('pong'), n: z.int().min(0) })
/** Messages the link itself speaks, in both directions. */
export const linkMessage = z.discriminatedUnion('kind', [hello, welcome, ping, pong])

/** Service type by which hubs announce themselves in the local network: `_3cx-ninja._tcp`. */
export const HUB_SERVICE = '3cx-ninja'

/** Enrollment: `POST /api/enroll`. The enrollment key is `<secret>.<SHA-256 of the CA's public key, base64url>`. */
export const enrollRequest = z.object({
  role: z.enum(['agent', 'worker', 'wallboard']),
  secret: text(200),
  name: text(120),
  extension: text(32).optional(),
  email: text(254).optional(),
  machine: text(120),
})
export type EnrollRequest = z.infer<typeof enrollRequest>
export const enrollResponse = z.object({ id: text(64), token: text(200), hubName: text(120) })
export type EnrollResponse = z.infer<typeof enrollResponse>
