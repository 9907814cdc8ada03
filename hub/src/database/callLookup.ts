import {
  agentId as agentIdSchema,
  callId as callIdSchema,
  type AgentId,
  type CallId,
  type RecordingId,
} from '@3cx-ninja/protocol'
import type { OwnedCall } from './commands/calls.ts'
import type { Database } from './openDatabase.ts'

/** A call by its canonical id, with the agent that owns it; undefined: no agent reported it. */
export interface CallOwner {
  readonly callId: CallId
  readonly agentId: AgentId | undefined
  /** The call of a colleague in which it goes on. */
  readonly continuedBy: CallId | undefined
}

/** What the database knows of who owns what, however old. Each answer is undefined when there is none. */
export interface CallLookup {
  /** Resolves with the call of this id or alias. */
  ownerOf(callId: CallId): Promise<CallOwner | undefined>
  /** Resolves with the call of a recording that was ever leased or erased, else with the call that named it first. */
  ofRecording(recordingId: RecordingId): Promise<CallOwner | undefined>
}

/** Returns the lookup by the database, for what is no longer in memory. Its promises reject with a DatabaseError. */
export function createCallLookup(database: Pick<Database, 'run'>): CallLookup {
  return {
    ownerOf: async (callId) => ownerIn(await database.run('calls.ownerOf', { callId })),
    ofRecording: async (recordingId) => ownerIn(await database.run('calls.ofRecording', { recordingId })),
  }
}

function ownerIn(row: OwnedCall | null): CallOwner | undefined {
  const callId = callIdSchema.safeParse(row?.callId).data
  const continuedBy = callIdSchema.safeParse(row?.continuedBy).data
  return callId && { callId, agentId: agentIdSchema.safeParse(row?.agentId).data, continuedBy }
}
