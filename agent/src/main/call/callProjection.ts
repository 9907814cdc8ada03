import type { CallPhase, CallSnapshot } from '@3cx-ninja/protocol'
import type { ActiveCall, Phase, CallRecording } from './callState.ts'

/** Returns the call as hub and screen see it. */
export function snapshotOfCall(call: ActiveCall): CallSnapshot {
  const { phase, recording } = call
  const talkingSinceMs = 'talkingSinceMs' in phase ? phase.talkingSinceMs : undefined
  const endedAtMs =
    phase.at === 'wrap-up' || phase.at === 'done' || phase.at === 'missed' ? phase.endedAtMs : undefined
  const recordingId = 'recordingId' in recording ? recording.recordingId : undefined
  return {
    callId: call.callId,
    revision: call.revision,
    phase: projectPhase(phase),
    direction: call.direction,
    extension: call.extension,
    ...(call.remoteNumber ? { remoteNumber: call.remoteNumber } : {}),
    ...(call.remoteName ? { remoteName: call.remoteName } : {}),
    startedAtMs: call.startedAtMs,
    ...(talkingSinceMs === undefined ? {} : { talkingSinceMs }),
    ...(endedAtMs === undefined ? {} : { endedAtMs }),
    ...(recordingId ? { recordingId } : {}),
    recording: projectRecording(recording),
    ...(isElsewhere(call) ? { elsewhere: true as const } : {}),
  }
}

/** Returns whether the call was talked, and no local source of this PC saw it. */
function isElsewhere({ talkedHere, phase }: ActiveCall): boolean {
  return (
    !talkedHere &&
    !['arriving', 'ringing', 'missed'].includes(phase.at) &&
    !(phase.at === 'done' && phase.talkingSinceMs === undefined) &&
    !(phase.at === 'restored' && phase.before === 'ringing')
  )
}

/** Returns whether both snapshots agree in everything but the revision. */
export function sameSnapshot(one: CallSnapshot | undefined, other: CallSnapshot): boolean {
  return (
    one !== undefined && JSON.stringify({ ...one, revision: 0 }) === JSON.stringify({ ...other, revision: 0 })
  )
}

/** Returns the phase of the protocol for a phase of the agent. */
export function projectPhase(phase: Phase): CallPhase {
  switch (phase.at) {
    case 'arriving':
    case 'ringing':
      return 'ringing'
    case 'ending':
    case 'answered':
    case 'elsewhere':
    case 'pbx-lost':
      return 'talking'
    case 'restored':
      return phase.before
    case 'talking':
    case 'held':
    case 'wrap-up':
    case 'done':
    case 'missed':
      return phase.at
  }
}

function projectRecording(recording: CallRecording): CallSnapshot['recording'] {
  switch (recording.at) {
    case 'none':
    case 'beginning':
    case 'failed':
      return 'none'
    case 'on':
      return 'recording'
    case 'interrupted':
      return recording.paused ? 'paused' : 'recording'
    case 'paused':
    case 'refused':
    case 'complete':
    case 'erased':
      return recording.at
  }
}
