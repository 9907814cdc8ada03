import type { CallSnapshot, RecordingId } from '@3cx-ninja/protocol'
import type { LocalRecording } from '../recordings/recordingFile.ts'
import type { StoredCall } from './callStore.ts'

export interface Recovery {
  /** Calls that were not over: each waits a moment for a source that still reports it. */
  readonly restore: readonly { readonly call: CallSnapshot; readonly lastSeenMs: number }[]
  /** Recordings to complete now: their call is over. */
  readonly seal: readonly RecordingId[]
  /** Recordings that were to be erased when the process died. */
  readonly remove: readonly RecordingId[]
}

/** Two records make 100 ms of a call. */
const MS_PER_RECORD = 50
/** Above any revision that a lost file of reports may have reached. */
const REVISION_OF_A_LOST_REPORT = 1_000

/** Returns what a start must do with the calls and recordings on disk. The recordings themselves are the truth about audio. */
export function planRecovery(found: {
  readonly stored: readonly StoredCall[]
  readonly erasures: readonly RecordingId[]
  readonly recordings: readonly LocalRecording[]
}): Recovery {
  const restore: { call: CallSnapshot; lastSeenMs: number }[] = []
  const seal: RecordingId[] = []
  const isErased = (recordingId: RecordingId) =>
    found.erasures.includes(recordingId) ||
    found.stored.some(({ call }) => call.recordingId === recordingId && call.recording === 'erased')

  for (const { call } of found.stored) {
    if (call.phase === 'done' || call.phase === 'missed') continue
    const recording = found.recordings.find(({ parts }) => parts[0]?.header.callId === call.callId)
    restore.push({ call: withRecording(call, recording), lastSeenMs: lastSeen(call, recording) })
  }
  for (const recording of found.recordings) {
    if (recording.sealed || isErased(recording.recordingId)) continue
    const header = recording.parts[0]?.header
    if (!header || restore.some(({ call }) => call.callId === header.callId)) continue
    seal.push(recording.recordingId)
    if (!found.stored.some(({ call }) => call.callId === header.callId)) restore.push(lostReport(recording))
  }
  return {
    restore,
    seal,
    remove: found.recordings.map(({ recordingId }) => recordingId).filter(isErased),
  }
}

/** The report may be older than the file: the process died between the two. */
function withRecording(call: CallSnapshot, recording: LocalRecording | undefined): CallSnapshot {
  if (!recording || ['erased', 'refused', 'paused'].includes(call.recording)) return call
  const { recordingId } = recording
  return { ...call, recordingId, recording: recording.sealed ? 'complete' : 'recording' }
}

function lastSeen(call: CallSnapshot, recording: LocalRecording | undefined): number {
  const ends = (recording?.parts ?? []).map(
    ({ header, position }) => header.startedAtMs + position * MS_PER_RECORD,
  )
  return Math.max(call.talkingSinceMs ?? call.startedAtMs, ...ends)
}

/** Returns a report for a recording without a stored call: the hub must still learn that the call is over. */
function lostReport(recording: LocalRecording): { call: CallSnapshot; lastSeenMs: number } {
  const header = recording.parts[0]?.header
  if (!header) throw new Error('a recording without parts is not listed')
  const call: CallSnapshot = {
    callId: header.callId,
    revision: REVISION_OF_A_LOST_REPORT,
    phase: 'wrap-up',
    direction: 'unknown',
    extension: header.extension,
    startedAtMs: header.startedAtMs,
    talkingSinceMs: header.startedAtMs,
    recordingId: recording.recordingId,
    recording: 'complete',
  }
  const lastSeenMs = lastSeen(call, recording)
  return { call: { ...call, endedAtMs: lastSeenMs }, lastSeenMs }
}
