import { DAY_MS, type CallId, type RecordingId } from '@3cx-ninja/protocol'

export interface RetentionRules {
  /** 0: audio is deleted as soon as it is transcribed. */
  readonly audioDays: number
  readonly transcriptDays: number
}
export interface KeptAudio {
  readonly recordingId: RecordingId
  readonly callId: CallId
  /** null: the recording is not wholly transcribed. */
  readonly doneAtMs: number | null
  /** Wall-clock time of the hub at which a part of the recording was last opened, or the hub started. */
  readonly touchedAtMs: number
}
export interface KeptText {
  readonly recordingId: RecordingId
  readonly callId: CallId
  readonly doneAtMs: number | null
  /** When the newest words of the recording were stored. */
  readonly newestAtMs: number
}
export interface Deletion {
  readonly recordingId: RecordingId
  readonly callId: CallId
}
export interface RetentionPlan {
  readonly audio: readonly Deletion[]
  readonly text: readonly Deletion[]
}

/** A PC keeps unreplicated recordings for 30 days: for that long after everything else is deleted, a late part or fact may come. */
const LATE_DAYS = 30

/**
 * Returns the time before which a call must have begun for its rows to be deleted: the call, its aliases, its draft, its writes
 * and its recordings' progress, all together. Those rows show for a late fact that its ticket is filed, so that the fact becomes
 * a comment on that ticket and no second ticket; they stay 30 days longer than audio and text may. `changedUntilMs`: the draft
 * must also have been unchanged since then, since a ticket that was filed late may get its comments late.
 */
export function rowsUntil(
  { audioDays, transcriptDays }: RetentionRules,
  nowMs: number,
): { readonly untilMs: number; readonly changedUntilMs: number } {
  const keptDays = Math.max(audioDays, transcriptDays, MIN_UNDONE_DAYS) + LATE_DAYS
  return { untilMs: nowMs - keptDays * DAY_MS, changedUntilMs: nowMs - LATE_DAYS * DAY_MS }
}

/** Audio that no worker could transcribe is kept at least this long, independent of audioDays: the worker may still be repaired. */
const MIN_UNDONE_DAYS = 30

/**
 * Returns what has expired. Pure. Nothing of an unsettled call expires: its draft is open, or its ticket on its way. Audio counts
 * from its transcription; audio never transcribed from when it was last touched. Text counts from the end of its transcription,
 * or from its newest words once the audio is deleted too.
 */
export function planRetention({
  audio,
  text,
  unsettled,
  rules,
  nowMs,
}: {
  readonly audio: readonly KeptAudio[]
  readonly text: readonly KeptText[]
  readonly unsettled: ReadonlySet<string>
  readonly rules: RetentionRules
  readonly nowMs: number
}): RetentionPlan {
  const settled = ({ callId }: { callId: CallId }) => !unsettled.has(callId)
  const audioIsOld = ({ doneAtMs, touchedAtMs }: KeptAudio) =>
    doneAtMs === null
      ? nowMs - touchedAtMs >= Math.max(MIN_UNDONE_DAYS, rules.audioDays) * DAY_MS
      : nowMs - doneAtMs >= rules.audioDays * DAY_MS
  const hasAudio = new Set(audio.map(({ recordingId }) => recordingId))
  const textIsOld = ({ recordingId, doneAtMs, newestAtMs }: KeptText) => {
    if (doneAtMs === null && hasAudio.has(recordingId)) return false
    return nowMs - (doneAtMs ?? newestAtMs) >= rules.transcriptDays * DAY_MS
  }
  const only = ({ recordingId, callId }: Deletion): Deletion => ({ recordingId, callId })
  return {
    audio: audio.filter((one) => settled(one) && audioIsOld(one)).map(only),
    text: text.filter((one) => settled(one) && textIsOld(one)).map(only),
  }
}
