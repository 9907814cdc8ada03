import { z } from 'zod'
import {
  agentId,
  boardCall,
  draft,
  draftChanges,
  draftState,
  wallClockMs,
  type Draft,
} from '@3cx-ninja/protocol'

/** A draft as the hub keeps it: what agents see, and what only the hub needs to go on after a restart. */
export const draftRecord = z.object({
  draft,
  agentId: agentId.nullable(),
  call: boardCall,
  place: z.object({ state: draftState, sinceMs: wallClockMs, sent: z.boolean() }),
  /** Fields a technician changed: the analysis leaves them alone. */
  edited: draftChanges,
  endedAtMs: wallClockMs.nullable(),
  /** The transcript went into the outbox as a comment (at most once). */
  commented: z.boolean(),
})
export type DraftRecord = z.infer<typeof draftRecord>

/** The draft as it is sent now: remaining times count from this moment, so that clocks need not agree. */
export function draftAsSent({ draft: kept, place }: DraftRecord, nowMs: number): Draft {
  const { state } = place
  if (state.at === 'countdown')
    return { ...kept, state: { ...state, remainingMs: Math.max(0, state.deadlineMs - nowMs) } }
  if (state.at === 'filing')
    return { ...kept, state: { ...state, undoRemainingMs: Math.max(0, state.undoUntilMs - nowMs) } }
  return { ...kept, state }
}
