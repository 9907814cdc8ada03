import { DAY_MS, type RecordingId } from '@3cx-ninja/protocol'

/** How much may wait on this PC for a hub that cannot be reached, and how early the technician is warned. */
export interface KeepingLimits {
  readonly quotaBytes: number
  readonly maxAgeMs: number
  /** Share of the quota from which on there is a warning. */
  readonly warnShare: number
  /** The warning comes this long before a recording becomes too old. */
  readonly warnAgeMs: number
}

export interface KeptRecording {
  readonly recordingId: RecordingId
  readonly bytes: number
  readonly startedAtMs: number
  /** The recording is being written: it is never removed. */
  readonly open: boolean
}

export type KeepingWarning =
  | { readonly kind: 'quota'; readonly usedBytes: number; readonly quotaBytes: number }
  | { readonly kind: 'age'; readonly recordings: number; readonly daysLeft: number }

/**
 * Returns the recordings to remove because they are too old, or, oldest first, because they are too much; and the warnings
 * about the next ones. Only recordings that the hub has not confirmed exist here: its confirmation deletes the others at once.
 */
export function planKeeping(
  recordings: readonly KeptRecording[],
  nowMs: number,
  limits: KeepingLimits,
): { readonly remove: readonly RecordingId[]; readonly warnings: readonly KeepingWarning[] } {
  const ageOf = ({ startedAtMs }: KeptRecording) => nowMs - startedAtMs
  const oldestFirst = [...recordings].sort((a, b) => a.startedAtMs - b.startedAtMs)
  let usedBytes = recordings.reduce((sum, { bytes }) => sum + bytes, 0)
  const remove: RecordingId[] = []
  for (const recording of oldestFirst) {
    if (recording.open || (usedBytes <= limits.quotaBytes && ageOf(recording) <= limits.maxAgeMs)) continue
    remove.push(recording.recordingId)
    usedBytes -= recording.bytes
  }
  const warnings: KeepingWarning[] = []
  if (usedBytes > limits.quotaBytes * limits.warnShare)
    warnings.push({ kind: 'quota', usedBytes, quotaBytes: limits.quotaBytes })
  const ageing = oldestFirst.filter(
    (recording) =>
      !remove.includes(recording.recordingId) && ageOf(recording) > limits.maxAgeMs - limits.warnAgeMs,
  )
  const eldest = ageing[0]
  if (eldest) {
    const daysLeft = Math.max(0, Math.floor((limits.maxAgeMs - ageOf(eldest)) / DAY_MS))
    warnings.push({ kind: 'age', recordings: ageing.length, daysLeft })
  }
  return { remove, warnings }
}
