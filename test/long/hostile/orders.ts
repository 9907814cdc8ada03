import { z } from 'zod'

/** The orders of an attacker's process, in a file named on its command line. */
export const attackOrder = z.object({
  kind: z.string(),
  /** https://host:port of the hub. */
  hub: z.string(),
  caFile: z.string(),
  /** Token of the attacker's own client; '' for an attacker without one. */
  token: z.string(),
  seed: z.int(),
  seconds: z.number().positive(),
})
export type AttackOrder = z.infer<typeof attackOrder>

/** An attacker's last line: attempts sent, however the hub answered them, and the seconds that they took. */
export const attackResult = z.object({ attacker: z.literal('over'), attempts: z.int(), seconds: z.number() })

/** The orders of the process that makes honest calls. */
export const callerOrder = z.object({
  hub: z.string(),
  caFile: z.string(),
  token: z.string(),
  extension: z.string(),
})
export type CallerOrder = z.infer<typeof callerOrder>

/** Delays of honest calls, in ms: from the report, and from the opening of the recording, to the hub's answer. */
export const callerResult = z.object({
  caller: z.literal('over'),
  stored: z.array(z.number()),
  opened: z.array(z.number()),
  unanswered: z.int(),
  links: z.int(),
})
export type CallerResult = z.infer<typeof callerResult>
