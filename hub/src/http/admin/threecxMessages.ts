import { z } from 'zod'

// What the admin page and the hub say to each other about the PBX. Pure schemas: the page imports them, too.

/** The state of the connection to the PBX's Call Control API, and what is saved for the next start. */
export const callControlAnswer = z.object({
  /** off: not set. half: some of it is missing. saved: set, and in effect from the next start. */
  at: z.enum(['off', 'half', 'saved', 'opening', 'open', 'waiting', 'stopped']),
  /** Settings that are missing where some are there. */
  missing: z.array(z.string()),
  /** What is saved differs from what is in effect: the test asks what is saved. */
  restartPending: z.boolean(),
  url: z.string().nullable(),
  /** Connected since. */
  sinceMs: z.number().nullable(),
  /** Tried again then. */
  untilMs: z.number().nullable(),
  pbxError: z.object({ code: z.string(), cause: z.string(), remedy: z.string() }).nullable(),
  extensions: z.array(z.string()),
  /** Calls that go on now. */
  legs: z.int(),
  lastFactMs: z.number().nullable(),
  /** Another program uses the same API client. */
  isTokenShared: z.boolean(),
  /** Enrolled agents whose extension the client does not see: 'Nadia Benali (201)'. */
  unseen: z.array(z.string()),
})
export type CallControlView = z.infer<typeof callControlAnswer>

/** The steps of the test of the Call Control API, up to the first that fails. */
export const callControlTestAnswer = z.object({
  steps: z.array(
    z.object({
      what: z.string(),
      ok: z.boolean(),
      code: z.string().optional(),
      detail: z.string(),
      names: z.array(z.string()).optional(),
    }),
  ),
})
export type CallControlTest = z.infer<typeof callControlTestAnswer>

/** The last webhooks, newest first: what each said and what the hub did with it. */
export const webhooksAnswer = z.object({
  /** How far the PBX's clock is ahead of the hub's, and how that is known. */
  clock: z.object({ at: z.enum(['unknown', 'reports', 'header']), aheadMs: z.number() }),
  webhooks: z.array(
    z.object({
      atMs: z.number(),
      /** ended, started: stored. refused: not. */
      outcome: z.enum(['ended', 'started', 'refused']),
      status: z.int(),
      message: z.string(),
      extension: z.string().nullable(),
      /** Masked. */
      number: z.string().nullable(),
      callId: z.string().nullable(),
      /** What was read otherwise than it was sent. */
      remarks: z.array(z.string()).readonly(),
    }),
  ),
})
export type WebhooksView = z.infer<typeof webhooksAnswer>
