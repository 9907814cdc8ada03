import type { RecordingId } from '@3cx-ninja/protocol'
import type { OpenPart } from './openPart.ts'
import type { StoredPart, StoredRecording } from './partStates.ts'
import type { PartRef } from '../recordingState.ts'

/**
 * Which recordings and parts are held, with what is asked of all of them kept up to date: a hub may hold a hundred thousand
 * recordings, of which a few grow.
 */
export interface PartIndex extends Iterable<[RecordingId, StoredRecording]> {
  readonly size: number
  get(recordingId: RecordingId): StoredRecording | undefined
  part(ref: PartRef): StoredPart | undefined
  /** Takes the place of a part of the same number. */
  hold(recordingId: RecordingId, part: StoredPart): void
  /** The part grows no more. */
  close(part: StoredPart, end: NonNullable<StoredPart['closed']>): void
  /** A recording without parts is held no more. */
  drop(ref: PartRef): void
  remove(recordingId: RecordingId): StoredRecording | undefined
  readonly growing: ReadonlyMap<OpenPart, PartRef>
  /** Of all files, when what waits is written. */
  bytes(): number
}

export function createPartIndex(nowMs: () => number): PartIndex {
  const recordings = new Map<RecordingId, StoredRecording>()
  const growing = new Map<OpenPart, PartRef>()
  let closedBytes = 0

  const count = (recordingId: RecordingId, { header, growing: one, closed }: StoredPart) => {
    if (one) growing.set(one, { recordingId, part: header.part })
    else closedBytes += closed?.bytes ?? 0
  }
  const discount = ({ growing: one, closed }: StoredPart) => {
    if (one) growing.delete(one)
    else closedBytes -= closed?.bytes ?? 0
  }
  const part = ({ recordingId, part: number }: PartRef) => recordings.get(recordingId)?.parts.get(number)

  return {
    get size() {
      return recordings.size
    },
    [Symbol.iterator]: () => recordings[Symbol.iterator](),
    get: (recordingId) => recordings.get(recordingId),
    part,
    hold(recordingId, held) {
      const { parts } = recordings.get(recordingId) ?? { parts: new Map<number, StoredPart>() }
      const before = parts.get(held.header.part)
      if (before) discount(before)
      parts.set(held.header.part, held)
      count(recordingId, held)
      recordings.set(recordingId, { parts, updatedAtMs: nowMs() })
    },
    close(held, end) {
      discount(held)
      held.closed = end
      delete held.growing
      closedBytes += end.bytes
    },
    drop(ref) {
      const recording = recordings.get(ref.recordingId)
      const held = recording?.parts.get(ref.part)
      if (!recording || !held) return
      discount(held)
      recording.parts.delete(ref.part)
      if (recording.parts.size === 0) recordings.delete(ref.recordingId)
    },
    remove(recordingId) {
      const recording = recordings.get(recordingId)
      for (const held of recording?.parts.values() ?? []) discount(held)
      recordings.delete(recordingId)
      return recording
    },
    growing,
    bytes() {
      let bytes = closedBytes
      for (const { file } of growing.keys()) bytes += file.bytes
      return bytes
    },
  }
}
