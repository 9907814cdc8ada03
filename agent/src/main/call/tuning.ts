import { MINUTE_MS, SECOND_MS } from '@3cx-ninja/protocol'

/** All durations of the call machine, with their reasons. */
export const callTuning = {
  /** A microphone test or a notification takes the microphone for less; the pre-roll keeps the words meanwhile. */
  startDebounceMs: 700,
  /** 3CX lets go of the microphone for about a second when the technician changes the headset. */
  endDebounceMs: 2_000,
  /** 'Open contact' and the microphone tell of the same call within this time. */
  hintMs: 20 * SECOND_MS,
  /** 3CX stops ringing one extension before; a longer ring was answered elsewhere. */
  ringMs: 2 * MINUTE_MS,
  /** The microphone is seen within about a second of the answer; a slow PC takes some more. Then it is another telephone. */
  followMs: 5 * SECOND_MS,
  /** A hub or PBX that restarts is heard again before; then a call that only the PBX told of is no longer shown as on. */
  pbxLostMs: 2 * MINUTE_MS,
  /** A ring that the PBX tells of so long after the talk began is that of a second call. */
  lateRingMs: 10 * SECOND_MS,
  /** How long the technician is shown as busy with the end of a call, when the draft is not decided before. */
  wrapUpMs: 2 * MINUTE_MS,
  /** After a restart: a source that still says 'talking' does so at once; the microphone watcher needs about a second. */
  restoreMs: 3 * SECOND_MS,
  /** A full disk or a locked file is tried again after this. */
  retryRecordingMs: 5 * SECOND_MS,
}
export type CallTuning = typeof callTuning
