import type { AgentId, BoardCall, CallId, PartHeader, RecordingId } from '@3cx-ninja/protocol'
import { MAX_CONTINUED } from '../calls/handOver.ts'
import type { Calls } from '../calls/calls.ts'
import type { CallLookup, CallOwner } from '../database/callLookup.ts'
import type { RecordingStore } from '../recordings/recordingStore.ts'

/** Where the owners of calls and recordings are stored. */
export interface OwnershipNeeds {
  readonly calls: Pick<Calls, 'find'>
  readonly recordings: Pick<RecordingStore, 'state' | 'ofCall'>
  /** The database, for what the board and the recordings no longer have. */
  readonly lookup: CallLookup
  /** Resolves with the earlier enrollments of the agent's machine. */
  readonly formerIds: (agentId: AgentId) => Promise<readonly string[]>
  /** Called when a report named a recording of another agent; the report is stored without it. */
  readonly onForeignRecording: (of: {
    readonly callId: CallId
    readonly agentId: AgentId
    readonly recordingId: RecordingId
  }) => void
}

/** An agent: its id, and those of the earlier enrollments of its machine. */
export type AgentIds = readonly AgentId[]

/**
 * Who owns what: recordings belong to the agent that opened their first part, calls to the agent that reported them. The
 * answers come from what the hub stored, never from the message that asks, and an unknown owner of a known thing is a refusal.
 */
export interface Ownership {
  /**
   * Resolves with the owner of a recording, and its call by the canonical id: by its parts, else by its call, else by the call
   * that named it first; undefined for a recording of which the hub knows nothing. Rejects with a DatabaseError.
   */
  ownerOf(recordingId: RecordingId): Promise<CallOwner | undefined>
  /**
   * Resolves with whether the recording is this agent's to play back: its own, or one of a call that went on in a call of its
   * own after a transfer, whose draft it has. Rejects with a DatabaseError. Rules H2 and C11.
   */
  mayPlay(ids: AgentIds, owner: CallOwner): Promise<boolean>
  /** Resolves with why this agent may not open the part; undefined: it may. Rejects with a DatabaseError. Rules R8 and R15. */
  refusalOf(ids: AgentIds, header: PartHeader): Promise<'not-yours' | 'header-differs' | undefined>
  /**
   * Resolves with whether this agent may erase the recording, and of which call it is. A recording of which the hub knows
   * nothing may be erased by anybody. Rejects with a DatabaseError. Rule R10.
   */
  erasureOf(
    ids: AgentIds,
    recordingId: RecordingId,
  ): Promise<
    | { readonly ok: true; readonly callId: CallId | undefined }
    | { readonly ok: false; readonly owner: AgentId | undefined }
  >
  /** Returns whether no recording of another agent names the call: of calls that the board has, the board decides. Rule C9. */
  mayReport(ids: AgentIds, callId: CallId): boolean
  /** Resolves with the call as it may be stored: without the id of a recording of another agent. Rejects with a DatabaseError. */
  withOwnRecording(call: BoardCall): Promise<BoardCall>
}

const isOf = (ids: AgentIds, owner: AgentId | undefined) => owner !== undefined && ids.includes(owner)

/** Creates the answers over the board, the recordings and the database. */
export function createOwnership(needs: OwnershipNeeds): Ownership {
  return {
    ownerOf: (recordingId) => ownerOf(needs, recordingId),
    mayPlay: (ids, owner) => mayPlay(needs, ids, owner),
    refusalOf: (ids, header) => refusalOf(needs, ids, header),
    async erasureOf(ids, recordingId) {
      const owner = await ownerOf(needs, recordingId)
      if (owner && !isOf(ids, owner.agentId)) return { ok: false, owner: owner.agentId }
      return { ok: true, callId: owner?.callId }
    },
    mayReport: (ids, callId) =>
      // A recording without an agent is older than rule R15: whose its call is, the database answers.
      needs.calls.find(callId) !== undefined ||
      ownersOfCall(needs, callId).every((owner) => owner === undefined || ids.includes(owner)),
    withOwnRecording: (call) => withOwnRecording(needs, call),
  }
}

async function ownerOf(needs: OwnershipNeeds, recordingId: RecordingId): Promise<CallOwner | undefined> {
  const { recordings, lookup } = needs
  const stored = recordings.state(recordingId)
  if (!stored) return lookup.ofRecording(recordingId)
  const call = await callOwner(needs, stored.callId)
  const { callId, agentId, continuedBy } = call ?? { callId: stored.callId }
  return { callId, agentId: stored.agentId ?? agentId, continuedBy }
}

async function callOwner({ calls, lookup }: OwnershipNeeds, id: CallId): Promise<CallOwner | undefined> {
  const onBoard = calls.find(id)
  if (!onBoard) return lookup.ownerOf(id)
  const { callId, agentId, continuedBy } = onBoard
  return { callId, agentId, continuedBy }
}

async function mayPlay(needs: OwnershipNeeds, ids: AgentIds, owner: CallOwner): Promise<boolean> {
  let one: CallOwner | undefined = owner
  for (let hands = 0; one && hands <= MAX_CONTINUED; hands++) {
    if (isOf(ids, one.agentId)) return true
    one = one.continuedBy && (await callOwner(needs, one.continuedBy))
  }
  return false
}

async function refusalOf(
  needs: OwnershipNeeds,
  ids: AgentIds,
  { recordingId, callId }: PartHeader,
): Promise<'not-yours' | 'header-differs' | undefined> {
  const owner = await ownerOf(needs, recordingId)
  if (owner && !isOf(ids, owner.agentId)) return 'not-yours'
  const stored = needs.recordings.state(recordingId)
  if (stored && stored.callId !== callId) return 'header-differs'
  const call = await callOwner(needs, callId)
  // Of a call that nobody has reported yet, the agent that records it is the owner.
  const owners = call ? [call.agentId] : ownersOfCall(needs, callId)
  return owners.every((one) => isOf(ids, one)) ? undefined : 'not-yours'
}

/** Returns the agents that opened the recordings of this call; undefined for one that was stored before rule R15. */
function ownersOfCall({ recordings }: OwnershipNeeds, callId: CallId): readonly (AgentId | undefined)[] {
  return recordings.ofCall(callId).map((recordingId) => recordings.state(recordingId)?.agentId)
}

async function withOwnRecording(needs: OwnershipNeeds, call: BoardCall): Promise<BoardCall> {
  const { callId, agentId, recordingId, ...rest } = call
  if (agentId === undefined || recordingId === undefined) return call
  const onBoard = needs.calls.find(callId)
  if (onBoard?.recordingId === recordingId && onBoard.agentId === agentId) return call // checked when it was first named
  const owner = await ownerOf(needs, recordingId)
  if (!owner || owner.agentId === agentId) return call
  if (owner.agentId && (await needs.formerIds(agentId)).includes(owner.agentId)) return call
  needs.onForeignRecording({ callId, agentId, recordingId })
  return { ...rest, callId, agentId }
}
