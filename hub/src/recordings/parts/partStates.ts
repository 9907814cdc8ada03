import type { PartHeader, RecordingId } from '@3cx-ninja/protocol'
import type { OpenPart } from './openPart.ts'
import type { PartState, RecordingState } from '../recordingState.ts'

/** A part the hub holds: growing with its file open, or closed and known by its end only. */
export interface StoredPart {
  readonly header: PartHeader
  growing?: OpenPart
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
const standOf = (part: StoredPart) => part.growing?.file ?? part.closed ?? NOTHING

/**
 * Whether no record will be added to a part. The next part tells where it ends on the agent's disk; if the hub holds
 * more, the hub's copy wins. Where the next number is missing (unreadable on the agent after a crash) the part after it
 * must hold something: parts are sent in order, so then all before it is sent.
 */
export function hasEnded(recording: StoredRecording, part: StoredPart): boolean {
  const at = standOf(part)
  if (at.sealed) return true
  const next = recording.parts.get(part.header.part + 1)
  if (next) return at.position >= next.header.previousPosition
  for (const later of recording.parts.values())
    if (later.header.part > part.header.part && standOf(later).position > 0) return true
  return false
}

export function stateOf(recordingId: RecordingId, recording: StoredRecording): RecordingState {
  const parts = [...recording.parts.values()].sort((a, b) => a.header.part - b.header.part)
  const states = parts.map((part): PartState => {
    const { position, endSample } = standOf(part)
    return { header: part.header, position, endSample, ended: hasEnded(recording, part) }
  })
  const [first, last] = [parts[0], parts.at(-1)]
  if (!first || !last) throw new Error(`${recordingId} is held without a part`)
  const { callId, language } = first.header
  const sealed = states.every(({ ended }) => ended) && standOf(last).sealed
  return { recordingId, callId, language, parts: states, sealed, updatedAtMs: recording.updatedAtMs }
}
