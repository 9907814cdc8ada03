import { z } from 'zod'
import { callId, draftId } from '@3cx-ninja/protocol'
import { commentBody, ticketBody, type CommentBody, type TicketBody } from '../../helpdesk/writes.ts'
import { outboxState, type OutboxState } from './outboxMachine.ts'

export const write = z.discriminatedUnion('kind', [ticketBody, commentBody])

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
