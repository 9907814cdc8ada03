import { z } from 'zod'
import { helpdeskId, priority } from '@3cx-ninja/protocol'

// What the hub writes into a helpdesk, as stored in the outbox. Knows no helpdesk: an adapter turns it into requests.

/** A ticket to create. `marker` finds it again: an adapter stores it as a tag, and it is the last line of the description. */
export const ticketBody = z.object({
  kind: z.literal('ticket'),
  marker: z.string(),
  subject: z.string().max(200),
  description: z.string(),
  priority,
  organizationId: helpdeskId.nullable(),
  requesterId: helpdeskId.nullable(),
})
/** A private comment on the draft's ticket; a transcript has its text as a file, too. `marker` stands in the last line. */
export const commentBody = z.object({
  kind: z.literal('comment'),
  marker: z.string(),
  body: z.string(),
  fileName: z.string().optional(),
  file: z.string().optional(),
})
export type TicketBody = z.infer<typeof ticketBody>
export type CommentBody = z.infer<typeof commentBody>
