import { z } from 'zod'
import { callerIdentity } from './call.ts'
import { callId, draftId, helpdeskId } from './ids.ts'
import { count, text, wallClockMs, wholeMs } from './units.ts'

/** Priority of a ticket; an adapter maps it to the values of its helpdesk. */
export const priority = z.enum(['NONE', 'LOW', 'MEDIUM', 'HIGH'])
export type Priority = z.infer<typeof priority>
/** Mood of the caller as the analysis judges it. */
export const sentiment = z.enum(['positive', 'neutral', 'negative'])

/** The quotes of the call on which one verdict of the analysis rests. */
export const evidence = z.array(text(200)).max(20)

/** The fields of a draft that a technician may change. */
export const draftFields = z.object({
  title: text(200),
  description: text(20_000),
  category: text(80),
  priority,
  contactId: helpdeskId.nullable(),
  contactName: text(320).nullable(),
  organizationId: helpdeskId.nullable(),
  organizationName: text(320).nullable(),
  actions: z.array(z.object({ text: text(300), done: z.boolean() })).max(30),
})
export type DraftFields = z.infer<typeof draftFields>
/** The fields that one edit changes; an absent field stays as it is. Rule D3. */
export const draftChanges = draftFields.partial()
export type DraftChanges = z.infer<typeof draftChanges>

/** The reason for which a technician discards a draft, counted on the admin page. */
export const discardReason = z.enum(['wrong-number', 'private', 'duplicate', 'no-ticket-needed', 'other'])
export type DiscardReason = z.infer<typeof discardReason>
/** The reason for which a person must act before a draft can be filed. */
export const blockReason = z.enum(['sign-in', 'mapping', 'rejected', 'permission'])
export type BlockReason = z.infer<typeof blockReason>

/** State of a draft; each case has only its own fields. Times are the hub's wall clock; `remainingMs` counts from sending. Rule D6. */
export const draftState = z.discriminatedUnion('at', [
  z.object({ at: z.literal('collecting') }),
  z.object({ at: z.literal('proposed') }),
  z.object({ at: z.literal('countdown'), deadlineMs: wallClockMs, remainingMs: wholeMs, totalMs: wholeMs }),
  z.object({ at: z.literal('held') }),
  z.object({ at: z.literal('parked') }),
  /** Decided; the technician can undo it until the hub starts to send. Rule D5. */
  z.object({ at: z.literal('filing'), undoUntilMs: wallClockMs, undoRemainingMs: wholeMs }),
  z.object({
    at: z.literal('filed'),
    ticketId: helpdeskId,
    ticketUrl: text(400).optional(),
    filedAtMs: wallClockMs,
  }),
  z.object({ at: z.literal('discarded'), reason: discardReason, note: text(400).optional() }),
  z.object({ at: z.literal('blocked'), reason: blockReason, detail: text(600) }),
])
export type DraftState = z.infer<typeof draftState>

/** A proposed ticket. The hub owns it; every change raises its revision. Rule D1. */
export const draft = z.object({
  draftId,
  callId,
  revision: count,
  state: draftState,
  fields: draftFields,
  sentiment,
  /** The words of the call on which each verdict rests. */
  evidence: z.object({ category: evidence, priority: evidence, sentiment: evidence }),
  caller: callerIdentity.optional(),
  /** complete: all audio is transcribed; pending: text still arrives; late: the draft is offered without it, and the text follows as a comment. */
  transcript: z.enum(['pending', 'complete', 'late', 'none']),
  extension: text(32),
  createdAtMs: wallClockMs,
})
export type Draft = z.infer<typeof draft>

/** A technician's decision on a draft, by `kind`. Rules D3 to D5. */
export const draftDecision = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file') }),
  z.object({ kind: z.literal('hold') }),
  z.object({ kind: z.literal('resume') }),
  z.object({ kind: z.literal('undo') }),
  z.object({ kind: z.literal('discard'), reason: discardReason, note: text(400).optional() }),
])
export type DraftDecision = z.infer<typeof draftDecision>
