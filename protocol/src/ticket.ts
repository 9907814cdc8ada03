import { z } from 'zod'
import { callerIdentity } from './call.ts'
import { callId, draftId } from './ids.ts'
import { count, text, wallClockMs, wholeMs } from './units.ts'

export const priority = z.enum(['NONE', 'LOW', 'MEDIUM', 'HIGH'])
export type Priority = z.infer<typeof priority>
export const sentiment = z.enum(['positive', 'neutral', 'negative'])

/** A verdict of the analysis and the words it rests on. */
export const evidence = z.array(text(200)).max(20)

/** The fields of a draft that a technician may change. */
export const draftFields = z.object({
  title: text(200),
  description: text(20_000),
  category: text(80),
  priority,
  contactUid: text(64).nullable(),
  contactName: text(320).nullable(),
  organizationId: z.int().nullable(),
  organizationName: text(320).nullable(),
  actions: z.array(z.object({ text: text(300), done: z.boolean() })).max(30),
})
export type DraftFields = z.infer<typeof draftFields>
export const draftChanges = draftFields.partial()
export type DraftChanges = z.infer<typeof draftChanges>

export const discardReason = z.enum(['wrong-number', 'private', 'duplicate', 'no-ticket-needed', 'other'])
export type DiscardReason = z.infer<typeof discardReason>
/** Why a draft needs a person before it can be filed. */
export const blockReason = z.enum(['sign-in', 'mapping', 'rejected', 'permission'])
export type BlockReason = z.infer<typeof blockReason>

/** Where a draft stands. Each case has only its own fields. Times are the hub's wall clock; `remainingMs` counts from sending. */
export const draftState = z.discriminatedUnion('at', [
  z.object({ at: z.literal('collecting') }),
  z.object({ at: z.literal('proposed') }),
  z.object({ at: z.literal('countdown'), deadlineMs: wallClockMs, remainingMs: wholeMs, totalMs: wholeMs }),
  z.object({ at: z.literal('held') }),
  z.object({ at: z.literal('parked') }),
  /** Decided; can be undone until the hub starts to send. */
  z.object({ at: z.literal('filing'), undoUntilMs: wallClockMs, undoRemainingMs: wholeMs }),
  z.object({
    at: z.literal('filed'),
    ticketId: z.int(),
    ticketUrl: text(400).optional(),
    filedAtMs: wallClockMs,
  }),
  z.object({ at: z.literal('discarded'), reason: discardReason, note: text(400).optional() }),
  z.object({ at: z.literal('blocked'), reason: blockReason, detail: text(600) }),
])
export type DraftState = z.infer<typeof draftState>

/** A ticket proposed, not yet approved. Owned by the hub; every change raises the revision. */
export const draft = z.object({
  draftId,
  callId,
  revision: count,
  state: draftState,
  fields: draftFields,
  sentiment,
  /** Which verdict rests on which words of the call. */
  evidence: z.object({ category: evidence, priority: evidence, sentiment: evidence }),
  caller: callerIdentity.optional(),
  /** complete: all audio is transcribed; pending: text still comes; late: offered without, it follows as a comment. */
  transcript: z.enum(['pending', 'complete', 'late', 'none']),
  extension: text(32),
  createdAtMs: wallClockMs,
})
export type Draft = z.infer<typeof draft>

export const draftDecision = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file') }),
  z.object({ kind: z.literal('hold') }),
  z.object({ kind: z.literal('resume') }),
  z.object({ kind: z.literal('undo') }),
  z.object({ kind: z.literal('discard'), reason: discardReason, note: text(400).optional() }),
])
export type DraftDecision = z.infer<typeof draftDecision>
