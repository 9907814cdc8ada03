import {
  callId,
  type CallSnapshot,
  type LogRecord,
  type PartHeader,
  type WorkerOffer,
} from '@3cx-ninja/protocol'

/** Returns an active call of extension 101, as its agent reports it. */
export function aCall(change: Partial<CallSnapshot> = {}): CallSnapshot {
  return {
    callId: callId.parse('01JCALL000000001'),
    revision: 1,
    phase: 'talking',
    direction: 'inbound',
    extension: '101',
    remoteNumber: '+33240112233',
    startedAtMs: Date.now() - 10_000,
    talkingSinceMs: Date.now() - 5_000,
    recording: 'recording',
    ...change,
  }
}

/** Returns the offer of a worker with one slot. */
export function aWorkerOffer(change: Partial<WorkerOffer> = {}): WorkerOffer {
  return {
    kind: 'worker-offer',
    name: 'test',
    slots: 1,
    engine: 'test',
    model: 'test',
    device: 'test',
    decoders: 1,
    speed: 1,
    ...change,
  }
}

/** Returns header and records of a part of extension 101: silence in PCM. */
export function aPart(
  count: number,
  change: Partial<PartHeader> = {},
): { readonly header: PartHeader; readonly records: readonly LogRecord[] } {
  const header = {
    recordingId: 'recording-1',
    callId: '01JCALL000000001',
    part: 1,
    codec: 'pcm16',
    startedAtMs: Date.now() - 5_000,
    previousPosition: 0,
    extension: '101',
    language: 'fr',
    consent: { basis: 'demonstration', ruleVersion: 1 },
    ...change,
  } as PartHeader // the ids are branded strings
  const records = Array.from({ length: count }, (_, sequence): LogRecord => ({
    sequence,
    kind: 'audio',
    channel: sequence % 2 ? 'caller' : 'agent',
    firstSample: Math.floor(sequence / 2) * 1_600,
    payload: Buffer.alloc(3_200),
  }))
  return { header, records }
}
