import type { BoardCall, CallId, RecordingId } from '@3cx-ninja/protocol'
import type { BeforeStored } from './calls.ts'
import { callOptedOut, type OptOutRules } from './optOut.ts'

export interface OptOutRuleNeeds {
  readonly rules: () => OptOutRules
  readonly recordings: {
    list(): readonly { readonly recordingId: RecordingId; readonly callId: CallId }[]
  }
  readonly erase: (recordingId: RecordingId, callId: CallId) => Promise<void>
  readonly onErased: (erased: { readonly recordingId: RecordingId; readonly call: BoardCall }) => void
  /** Called when an erasure failed: what is left is destroyed at the next start of the hub, or by the next fact. */
  readonly onFailure: (recordingId: RecordingId, error: unknown) => void
}

/**
 * Returns the step that erases the recordings of a call that turns out to be opted out: the PBX may name the caller long after
 * the recording began, and an old agent may record what it must not. Only arriving facts are checked: a number added to the
 * settings does not reach back to calls that were recorded rightfully. Rule S3.
 */
export function createOptOutRule(needs: OptOutRuleNeeds): BeforeStored {
  return async (call, isOf) => {
    if (!callOptedOut(needs.rules(), call)) return call
    let isLeft = false
    const recordings = needs.recordings.list().filter(({ callId }) => isOf(callId))
    for (const { recordingId } of recordings) {
      try {
        await needs.erase(recordingId, call.callId)
        needs.onErased({ recordingId, call })
      } catch (error) {
        needs.onFailure(recordingId, error)
        isLeft = true
      }
    }
    const hadAudio = ['recording', 'paused', 'complete'].includes(call.recording)
    return hadAudio && !isLeft ? { ...call, recording: 'erased' } : call
  }
}
