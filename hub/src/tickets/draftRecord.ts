import { z } from 'zod'
import {
  agentId,
  boardCall,
  callId,
  draft,
  draftChanges,
  draftState,
  wallClockMs,
  type Draft,
} from '@3cx-ninja/protocol'

/** A draft as the hub stores it: the part that agents see, and the part that only the hub needs after a restart. */
export const draftRecord = z.object({
  draft,
  agentId: agentId.nullable(),
  call: boardCall,
  lifecycle: z.object({ state: draftState, sinceMs: wallClockMs, sent: z.boolean() }),
  /** The call in whose draft this one goes on after a transfer: it is discarded, and its text stands there. */
  handedOverTo: callId.optional(),
  /** Fields that a technician changed: the analysis never overwrites them. */
  edited: draftChanges,
  endedAtMs: wallClockMs.nullable(),
  /** The complete transcript is in the outbox as a comment (at most once). */
  commented: z.boolean(),
})
export type DraftRecord = z.infer<typeof draftRecord>

/** Returns the draft as sent now: remaining times count from this moment, so that the clocks of hub and agent need not agree. */
export function draftAsSent({ draft: stored, lifecycle }: DraftRecord, nowMs: number): Draft {
  const { state } = lifecycle
  if (state.at === 'countdown')
    return { ...stored, state: { ...state, remainingMs: Math.max(0, state.deadlineMs - nowMs) } }
  if (state.at === 'filing')
    return { ...stored, state: { ...state, undoRemainingMs: Math.max(0, state.undoUntilMs - nowMs) } }
  return { ...stored, state }
}
