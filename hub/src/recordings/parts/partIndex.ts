import type { CallId, RecordingId } from '@3cx-ninja/protocol'
import type { OpenPart } from './openPart.ts'
import type { StoredPart, StoredRecording } from './partStates.ts'
import type { PartRef } from '../recordingState.ts'

/**
 * Index of all recordings and parts that are stored, with running totals: a hub may store a hundred thousand recordings, of
 * which a few grow. Knows nothing of files.
 */
export interface PartIndex extends Iterable<[RecordingId, StoredRecording]> {
  readonly size: number
  get(recordingId: RecordingId): StoredRecording | undefined
  part(ref: PartRef): StoredPart | undefined
  /** Returns the recordings whose parts name this call. */
  ofCall(callId: CallId): readonly RecordingId[]
  /** Adds a part; a part of the same number is replaced. */
  put(recordingId: RecordingId, part: StoredPart): void
  /** Turns an open part into a closed one: it grows no more. */
  close(part: StoredPart, end: NonNullable<StoredPart['closed']>): void
  /** Removes a part, and its recording when that was the last part. */
  removePart(ref: PartRef): void
  /** Removes a recording with all its parts and returns it. */
  remove(recordingId: RecordingId): StoredRecording | undefined
  readonly openParts: ReadonlyMap<OpenPart, PartRef>
  /** Returns the bytes of all files once everything that waits in memory is written. */
  bytes(): number
}

interface State {
  readonly nowMs: () => number
  readonly recordings: Map<RecordingId, StoredRecording>
  readonly byCall: Map<CallId, Set<RecordingId>>
  readonly openParts: Map<OpenPart, PartRef>
  closedBytes: number
}

/** Creates an empty index. `nowMs`: the wall clock, for when a recording was last changed. */
export function createPartIndex(nowMs: () => number): PartIndex {
  const state: State = {
    nowMs,
    recordings: new Map(),
    byCall: new Map(),
    openParts: new Map(),
    closedBytes: 0,
  }
  const { recordings, byCall, openParts } = state
  return {
    get size() {
      return recordings.size
    },
    [Symbol.iterator]: () => recordings[Symbol.iterator](),
    get: (recordingId) => recordings.get(recordingId),
    part: ({ recordingId, part }) => recordings.get(recordingId)?.parts.get(part),
    ofCall: (callId) => [...(byCall.get(callId) ?? [])],
    put: (recordingId, part) => put(state, recordingId, part),
    close(part, end) {
      uncount(state, part)
      part.closed = end
      delete part.open
      state.closedBytes += end.bytes
    },
    removePart: (ref) => removePart(state, ref),
    remove(recordingId) {
      const recording = recordings.get(recordingId)
      for (const part of recording?.parts.values() ?? []) uncount(state, part)
      forget(state, recordingId, recording)
      return recording
    },
    openParts,
    bytes() {
      let bytes = state.closedBytes
      for (const { file } of openParts.keys()) bytes += file.bytes
      return bytes
    },
  }
}

function put(state: State, recordingId: RecordingId, part: StoredPart): void {
  const { parts } = state.recordings.get(recordingId) ?? { parts: new Map<number, StoredPart>() }
  const replaced = parts.get(part.header.part)
  if (replaced) uncount(state, replaced)
  parts.set(part.header.part, part)
  if (part.open) state.openParts.set(part.open, { recordingId, part: part.header.part })
  else state.closedBytes += part.closed?.bytes ?? 0
  state.recordings.set(recordingId, { parts, updatedAtMs: state.nowMs() })
  const { callId } = part.header
  state.byCall.set(callId, (state.byCall.get(callId) ?? new Set()).add(recordingId))
}

/** Removes the recording itself, and its call's entry with the last recording of that call. */
function forget({ recordings, byCall }: State, recordingId: RecordingId, recording?: StoredRecording): void {
  recordings.delete(recordingId)
  for (const { header } of recording?.parts.values() ?? []) {
    const ofCall = byCall.get(header.callId)
    if (ofCall?.delete(recordingId) && ofCall.size === 0) byCall.delete(header.callId)
  }
}

function removePart(state: State, ref: PartRef): void {
  const recording = state.recordings.get(ref.recordingId)
  const part = recording?.parts.get(ref.part)
  if (!recording || !part) return
  uncount(state, part)
  if (recording.parts.size === 1) forget(state, ref.recordingId, recording)
  recording.parts.delete(ref.part)
}

function uncount(state: State, { open, closed }: StoredPart): void {
  if (open) state.openParts.delete(open)
  else state.closedBytes -= closed?.bytes ?? 0
}
