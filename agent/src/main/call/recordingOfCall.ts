import { recordingId as recordingIdSchema, type RecordingId } from '@3cx-ninja/protocol'
import { mayRecord } from './recordingRule.ts'
import type {
  ActiveCall,
  CallContext,
  CallCommand,
  UserAction,
  RecordingPolicy,
  CallRecording,
} from './callState.ts'

interface RecordingStep {
  readonly call: ActiveCall
  readonly commands: readonly CallCommand[]
}

/** Returns the recording that phase and policy demand, and the commands to it. Runs after every event, so no order of events is special. */
export function settleRecording(
  call: ActiveCall,
  policy: RecordingPolicy | undefined,
  context: CallContext,
): RecordingStep {
  const { phase, recording } = call
  const verdict = mayRecord(call, policy)
  if (verdict === 'opted-out' && (isRunning(recording) || recording.at === 'complete')) {
    return {
      call: { ...call, recording: { at: 'refused', why: 'opted-out' } },
      commands: [command('erase', call, recording.recordingId)],
    }
  }
  if (verdict === 'no-consent' && policy && isRunning(recording)) return endRecording(call)
  switch (phase.at) {
    case 'arriving':
    case 'ringing':
    case 'restored':
      return { call, commands: [] }
    case 'talking':
    case 'ending':
      if (recording.at === 'paused' && recording.by === 'hold') return resume(call, recording.recordingId)
      return begin(call, policy, context)
    // A talk at another telephone is not recorded by this PC, also when the call was talked here earlier.
    case 'answered':
    case 'elsewhere':
    case 'pbx-lost':
    case 'held':
      if (recording.at === 'beginning' && !recording.paused)
        return {
          call: { ...call, recording: { ...recording, paused: 'hold' } },
          commands: [command('pause', call, recording.recordingId)],
        }
      return recording.at === 'on' ? pause(call, recording.recordingId, 'hold') : { call, commands: [] }
    case 'wrap-up':
    case 'done':
    case 'missed':
      return isRunning(recording) ? endRecording(call) : { call, commands: [] }
  }
}

/** Seals the recording; it does not begin again by itself in this call. */
export function endRecording(call: ActiveCall): RecordingStep {
  const { recording } = call
  switch (recording.at) {
    case 'beginning':
    case 'on':
    case 'paused':
    case 'interrupted': {
      const { recordingId } = recording
      return {
        call: { ...call, recording: { at: 'complete', recordingId } },
        commands: [command('seal', call, recordingId)],
      }
    }
    case 'none':
    case 'failed':
    case 'refused':
      // Nothing was written: a call that the technician does not want recorded.
      return { call: { ...call, recording: { at: 'erased' } }, commands: [] }
    case 'complete':
    case 'erased':
      return { call, commands: [] }
  }
}

/** Erases the recording, here and on the hub, also after the call: 'Do not record this call'. */
export function erase(call: ActiveCall): RecordingStep {
  const { recording } = call
  if (recording.at === 'erased') return { call, commands: [] }
  const recordingId = 'recordingId' in recording ? recording.recordingId : undefined
  return {
    call: { ...call, recording: { at: 'erased', ...(recordingId ? { recordingId } : {}) } },
    commands: recordingId ? [command('erase', call, recordingId)] : [],
  }
}

export function applyToRecording(
  call: ActiveCall,
  action: Exclude<UserAction, 'stop' | 'erase'>,
): RecordingStep {
  const { recording } = call
  switch (action) {
    case 'pause':
      if (recording.at === 'on') return pause(call, recording.recordingId, 'user')
      // Requested before the recording runs, or on hold: it must not run by itself afterwards.
      if (recording.at === 'paused')
        return { call: { ...call, recording: { ...recording, by: 'user' } }, commands: [] }
      if (recording.at === 'interrupted' || recording.at === 'failed' || recording.at === 'none')
        return { call: { ...call, recording: { ...recording, paused: 'user' } }, commands: [] }
      if (recording.at === 'beginning') {
        return {
          call: { ...call, recording: { ...recording, paused: 'user' } },
          commands: [command('pause', call, recording.recordingId)],
        }
      }
      return { call, commands: [] }
    case 'resume':
      if (recording.at === 'paused' && recording.by === 'user') {
        return call.phase.at === 'held'
          ? { call: { ...call, recording: { ...recording, by: 'hold' } }, commands: [] }
          : resume(call, recording.recordingId)
      }
      if ('paused' in recording && recording.paused === 'user') return undoPause(call, recording)
      return { call, commands: [] }
    case 'mark':
      return { call, commands: recording.at === 'on' ? [command('mark', call, recording.recordingId)] : [] }
    case 'start':
      // A recording that was neither refused nor erased begins by itself; an erased or sealed one stays so.
      return { call, commands: [] }
  }
}

/** Undoes the technician's pause of a recording that does not run yet; on hold it stays paused by the hold. */
function undoPause(
  call: ActiveCall,
  recording: Extract<CallRecording, { at: 'none' | 'beginning' | 'interrupted' | 'failed' }>,
): RecordingStep {
  const { paused: _ended, ...rest } = recording
  if (rest.at !== 'beginning') return { call: { ...call, recording: rest }, commands: [] }
  return call.phase.at === 'held'
    ? { call: { ...call, recording: { ...rest, paused: 'hold' } }, commands: [] }
    : { call: { ...call, recording: rest }, commands: [command('resume', call, rest.recordingId)] }
}

function begin(call: ActiveCall, policy: RecordingPolicy | undefined, context: CallContext): RecordingStep {
  const { recording } = call
  const verdict = mayRecord(call, policy)
  switch (recording.at) {
    case 'none':
    case 'refused':
    case 'failed':
    case 'interrupted': {
      if (recording.at === 'failed' && context.nowMs < recording.untilMs) return { call, commands: [] }
      if (recording.at === 'refused' && recording.why === 'opted-out') return { call, commands: [] }
      if (verdict !== 'allowed' || !policy) {
        if (recording.at === 'interrupted' && !policy) return { call, commands: [] }
        return {
          call: {
            ...call,
            recording: { at: 'refused', why: verdict === 'opted-out' ? verdict : 'no-consent' },
          },
          commands: [],
        }
      }
      const recordingId =
        'recordingId' in recording ? recording.recordingId : recordingIdSchema.parse(context.newId())
      // A hold is over when the call is talking again; the technician's own pause outlives even a restart.
      const paused = 'paused' in recording && recording.paused === 'user' ? 'user' : undefined
      const { basis, ruleVersion } = policy.consent
      return {
        call: { ...call, recording: { at: 'beginning', recordingId, ...(paused ? { paused } : {}) } },
        commands: [
          {
            kind: 'begin',
            callId: call.callId,
            recordingId,
            consent: { basis, ruleVersion },
            paused: paused !== undefined,
          },
        ],
      }
    }
    case 'beginning':
      return recording.paused === 'hold'
        ? {
            call: { ...call, recording: { at: 'beginning', recordingId: recording.recordingId } },
            commands: [command('resume', call, recording.recordingId)],
          }
        : { call, commands: [] }
    case 'on':
    case 'paused':
    case 'complete':
    case 'erased':
      return { call, commands: [] }
  }
}

type Running = Extract<CallRecording, { at: 'beginning' | 'on' | 'paused' | 'interrupted' }>

function isRunning(recording: CallRecording): recording is Running {
  return ['beginning', 'on', 'paused', 'interrupted'].includes(recording.at)
}

function pause(call: ActiveCall, recordingId: RecordingId, by: 'user' | 'hold'): RecordingStep {
  return {
    call: { ...call, recording: { at: 'paused', recordingId, by } },
    commands: [command('pause', call, recordingId)],
  }
}

function resume(call: ActiveCall, recordingId: RecordingId): RecordingStep {
  return {
    call: { ...call, recording: { at: 'on', recordingId } },
    commands: [command('resume', call, recordingId)],
  }
}

function command(
  what: 'pause' | 'resume' | 'mark' | 'seal' | 'erase',
  call: ActiveCall,
  recordingId: RecordingId,
): CallCommand {
  return { kind: what, callId: call.callId, recordingId }
}
