import { MINUTE_MS, SECOND_MS } from '@3cx-ninja/protocol'

/** All durations of the call machine, with their reasons. */
export const callTuning = {
  /** A microphone test or a notification takes the microphone for less; the pre-roll keeps the words meanwhile. */
  startDebounceMs: 700,
  /** 3CX releases the microphone for about a second when the technician changes the headset. */
  endDebounceMs: 2_000,
  /** 'Open contact' and the microphone report the same call within this time. */
  hintMs: 20 * SECOND_MS,
  /** 3CX stops ringing one extension earlier; a longer ring was answered elsewhere. */
  ringMs: 2 * MINUTE_MS,
  /** The microphone is seen within about a second of the answer; a slow PC needs more. After this it is another telephone. */
  followMs: 5 * SECOND_MS,
  /** A hub or PBX that restarts is back earlier; after this a call that only the PBX reported is no longer shown as active. */
  pbxLostMs: 2 * MINUTE_MS,
  /** A ring that the PBX reports this long after the talk began is that of a second call. */
  lateRingMs: 10 * SECOND_MS,
  /** How long the technician is shown as busy with the end of a call, when the draft is not decided earlier. */
  wrapUpMs: 2 * MINUTE_MS,
  /** After a restart: a source that still sees the call reports it at once; the microphone watcher needs about a second. */
  restoreMs: 3 * SECOND_MS,
  /** A full disk or a locked file is tried again after this. */
  retryRecordingMs: 5 * SECOND_MS,
}
export type CallTuning = typeof callTuning
