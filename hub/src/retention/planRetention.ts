import { DAY_MS, type CallId, type RecordingId } from '@3cx-ninja/protocol'

export interface RetentionRules {
  /** 0: as soon as transcribed. */
  readonly audioDays: number
  readonly transcriptDays: number
}
export interface KeptAudio {
  readonly recordingId: RecordingId
  readonly callId: CallId
  /** null: not wholly transcribed. */
  readonly doneAtMs: number | null
  /** Wall-clock time of the hub at which something of it was last opened, or the hub started. */
  readonly touchedAtMs: number
}
export interface KeptText {
  readonly recordingId: RecordingId
  readonly callId: CallId
  readonly doneAtMs: number | null
  /** When its newest words were stored. */
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

/** A PC keeps what it could not replicate for 30 days: so long after all else is gone a late part or fact may still come. */
const LATE_DAYS = 30

/**
 * Up to when a call must have begun for its rows to go: the call, its aliases, its draft, its writes and what is known of
 * its recordings' progress, all together. Those tell a late fact that its ticket is filed, so that it becomes a comment on
 * it and no second ticket; they stay 30 days longer than sound and text may. `changedUntilMs`: and its draft was last
 * changed so long ago, since a ticket that was filed late may get its comments late.
 */
export function rowsUntil(
  { audioDays, transcriptDays }: RetentionRules,
  nowMs: number,
): { readonly untilMs: number; readonly changedUntilMs: number } {
  const keptDays = Math.max(audioDays, transcriptDays, MIN_UNDONE_DAYS) + LATE_DAYS
  return { untilMs: nowMs - keptDays * DAY_MS, changedUntilMs: nowMs - LATE_DAYS * DAY_MS }
}

/** Sound that no worker could make text of is kept at least this long, whatever audioDays says: somebody may still mend the worker. */
const MIN_UNDONE_DAYS = 30

/**
 * What has lived long enough. Never anything of a call that is not settled: its draft is open, or its ticket on its way.
 * Sound counts from its transcription; sound never transcribed from when it was last touched. Text counts from the end
 * of its transcription, or from its newest words once the sound is gone too.
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
  const heard = new Set(audio.map(({ recordingId }) => recordingId))
  const textIsOld = ({ recordingId, doneAtMs, newestAtMs }: KeptText) => {
    if (doneAtMs === null && heard.has(recordingId)) return false
    return nowMs - (doneAtMs ?? newestAtMs) >= rules.transcriptDays * DAY_MS
  }
  const only = ({ recordingId, callId }: Deletion): Deletion => ({ recordingId, callId })
  return {
    audio: audio.filter((one) => settled(one) && audioIsOld(one)).map(only),
    text: text.filter((one) => settled(one) && textIsOld(one)).map(only),
  }
}
