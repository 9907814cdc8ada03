import type { AgentId, CallId, PartHeader, RecordingId, StoredPartHeader } from '@3cx-ninja/protocol'
import type { OpenPart } from './openPart.ts'
import type { PartState, RecordingState } from '../recordingState.ts'

/** A part that the hub stores: open while it can grow, or closed, and then only its end is in memory. */
export interface StoredPart {
  readonly header: StoredPartHeader
  open?: OpenPart
  closed?: {
    readonly position: number
    readonly endSample: number
    readonly sealed: boolean
    readonly bytes: number
  }
}
export interface StoredRecording {
  readonly parts: Map<number, StoredPart>
  updatedAtMs: number
}

const NOTHING = { position: 0, endSample: 0, sealed: false }

/** Returns where the part ends now. */
export const endOf = (part: StoredPart) => part.open?.file ?? part.closed ?? NOTHING

/** Returns whether everything of a part survives a power cut. A part is closed only once all of it is flushed. */
const isFlushed = ({ open }: StoredPart) => open === undefined || open.flushed >= open.file.position

/**
 * Returns whether no record will be added to a part. The header of the next part names where the part ends on the agent's
 * disk; if the hub holds more, the hub's copy wins. Where the next number is missing (unreadable on the agent after a crash)
 * the part after it must hold something: parts are sent in order, so then everything before it is sent.
 */
export function hasEnded(recording: StoredRecording, part: StoredPart): boolean {
  const end = endOf(part)
  if (end.sealed) return true
  const next = recording.parts.get(part.header.part + 1)
  if (next) return end.position >= next.header.previousPosition
  for (const later of recording.parts.values())
    if (later.header.part > part.header.part && endOf(later).position > 0) return true
  return false
}

/** Returns the state of a recording for its readers. Throws for a recording without parts: the index never has one. */
export function stateOf(recordingId: RecordingId, recording: StoredRecording): RecordingState {
  const parts = [...recording.parts.values()].sort((a, b) => a.header.part - b.header.part)
  const states = parts.map((part): PartState => {
    const { position, endSample } = endOf(part)
    return { header: part.header, position, endSample, ended: hasEnded(recording, part) }
  })
  const [first, last] = [parts[0], parts.at(-1)]
  if (!first || !last) throw new Error(`${recordingId} is stored without a part`)
  const { callId, language } = first.header
  const { agentId } = ownershipOf(recording) ?? {}
  const sealed = states.every(({ ended }) => ended) && endOf(last).sealed
  const { updatedAtMs } = recording
  const durable = sealed && parts.every(isFlushed)
  return {
    ...{ recordingId, callId, language, parts: states, sealed, durable, updatedAtMs },
    ...(agentId ? { agentId } : {}),
  }
}

/**
 * Returns the call of a recording and the agent that opened its parts; undefined for a recording that is not stored. The
 * agent is unknown where every part was stored by a hub before rule R15.
 */
export function ownershipOf(
  recording: StoredRecording | undefined,
): { readonly callId: CallId; readonly agentId: AgentId | undefined } | undefined {
  const headers = [...(recording?.parts.values() ?? [])].map(({ header }) => header)
  const [first] = headers
  return first && { callId: first.callId, agentId: headers.find((one) => one.agentId)?.agentId }
}

/**
 * Returns whether the header opens a part after the seal. A seal is the end, rule R6; unless a power cut took the seal from
 * the agent's disk after it had been sent here, rule R4.
 */
export function opensAfterSeal(recording: StoredRecording | undefined, header: PartHeader): boolean {
  const previous = recording?.parts.get(header.part - 1)
  const end = previous?.open?.file ?? previous?.closed
  return end !== undefined && end.sealed && header.previousPosition >= end.position
}
