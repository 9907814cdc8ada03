import type { CallSnapshot } from '@3cx-ninja/protocol'
import type { ActiveCall, CallContext, Phase, CallRecording } from './callState.ts'

/**
 * Returns the call of a report that an earlier run stored. A call that was active waits a moment for a source that still
 * reports it; a call that had ended only finishes its wrap-up. `lastSeenMs`: wall-clock time of the last sign of it on disk.
 */
export function restoreCall(call: CallSnapshot, lastSeenMs: number, context: CallContext): ActiveCall {
  return {
    callId: call.callId,
    revision: call.revision,
    reported: call,
    legs: [],
    talkedHere: call.phase !== 'ringing' && call.elsewhere !== true,
    direction: call.direction,
    ...(call.remoteNumber ? { remoteNumber: call.remoteNumber } : {}),
    ...(call.remoteName ? { remoteName: call.remoteName } : {}),
    extension: call.extension,
    startedAtMs: call.startedAtMs,
    phase: restorePhase(call, lastSeenMs, context),
    recording: restoreRecording(call),
  }
}

function restorePhase(call: CallSnapshot, lastSeenMs: number, context: CallContext): Phase {
  const talkingSinceMs = call.talkingSinceMs === undefined ? {} : { talkingSinceMs: call.talkingSinceMs }
  const endedAtMs = call.endedAtMs ?? lastSeenMs
  switch (call.phase) {
    case 'ringing':
    case 'talking':
    case 'held': {
      const untilMs = context.nowMs + context.tuning.restoreMs
      return { at: 'restored', before: call.phase, ...talkingSinceMs, lastSeenMs, untilMs }
    }
    case 'wrap-up':
      return { at: 'wrap-up', ...talkingSinceMs, endedAtMs, untilMs: context.nowMs + context.tuning.wrapUpMs }
    case 'done':
      return { at: 'done', ...talkingSinceMs, endedAtMs }
    case 'missed':
      return { at: 'missed', endedAtMs }
  }
}

function restoreRecording(call: CallSnapshot): CallRecording {
  const { recording, recordingId } = call
  if (recording === 'erased') return { at: 'erased', ...(recordingId ? { recordingId } : {}) }
  if (recording === 'refused') return { at: 'refused', why: 'no-consent' }
  if (!recordingId || recording === 'none') return { at: 'none' }
  if (recording === 'complete') return { at: 'complete', recordingId }
  if (recording === 'recording') return { at: 'interrupted', recordingId }
  return { at: 'interrupted', recordingId, paused: call.phase === 'held' ? 'hold' : 'user' }
}
