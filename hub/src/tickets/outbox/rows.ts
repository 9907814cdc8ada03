import { z } from 'zod'
import { callId, draftId, helpdeskId, priority } from '@3cx-ninja/protocol'
import { outboxState, type OutboxState } from './outboxMachine.ts'

/** A ticket to create. `marker` finds it again: a tag, and the last line of the description. */
export const ticketBody = z.object({
  kind: z.literal('ticket'),
  marker: z.string(),
  subject: z.string().max(200),
  description: z.string(),
  priority,
  organizationId: helpdeskId.nullable(),
  requesterId: helpdeskId.nullable(),
})
/** A private comment on the draft's ticket; the transcript has its text as a file, too. `marker` stands in its last line. */
export const commentBody = z.object({
  kind: z.literal('comment'),
  marker: z.string(),
  body: z.string(),
  fileName: z.string().optional(),
  file: z.string().optional(),
})
export const write = z.discriminatedUnion('kind', [ticketBody, commentBody])
export type TicketBody = z.infer<typeof ticketBody>
export type CommentBody = z.infer<typeof commentBody>

/** A write as it enters the outbox. */
export interface NewWrite {
  readonly draftId: string
  readonly callId: string
  readonly kind: 'ticket' | 'comment'
  readonly write: TicketBody | CommentBody
  readonly state: OutboxState
}
export const outboxRow = z.object({ rowId: z.int(), draftId, callId, write, state: outboxState })
export type OutboxEntry = z.infer<typeof outboxRow>
