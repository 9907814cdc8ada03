import {
  callId,
  leaseId,
  recordingId,
  type Channel,
  type Lease,
  type LogRecord,
  type PartHeader,
  type Utterance,
} from '@3cx-ninja/protocol'
import { createLeaseReader, type RecognitionContext } from '../src/reading/leaseReader.ts'

export function aLease(changes: Partial<Lease> = {}): Lease {
  return {
    leaseId: leaseId.parse('lease-00000001'),
    recordingId: recordingId.parse('recording-1'),
    fence: 1,
    ttlMs: 4_000,
    language: 'fr',
    live: false,
    resume: { agent: null, caller: null },
    vocabulary: '',
    ...changes,
  }
}

export function aPartHeader(changes: Partial<PartHeader> = {}): PartHeader {
  return {
    recordingId: recordingId.parse('recording-1'),
    callId: callId.parse('call-0001'),
    part: 1,
    codec: 'pcm16',
    startedAtMs: 1_767_225_600_000,
    previousPosition: 0,
    extension: '204',
    language: 'fr',
    consent: { basis: 'demonstration', ruleVersion: 1 },
    ...changes,
  }
}

/** Reads one part to its end; resolves with every utterance in the order sent. */
export function transcribe(
  recognition: RecognitionContext,
  records: readonly LogRecord[],
  options: {
    readonly lease?: Partial<Lease>
    readonly header?: Partial<PartHeader>
    /** How many records each call of `records` gets. */
    readonly size?: (index: number) => number
  } = {},
): Promise<Utterance[]> {
  const { size = () => 20 } = options
  return new Promise((resolve, reject) => {
    const sent: Utterance[] = []
    const reader = createLeaseReader({
      lease: aLease(options.lease),
      recognition,
      onUtterance: (utterance) => sent.push(utterance),
      onAcknowledge: () => undefined,
      onDone: () => resolve(sent),
      onBroken: reject,
    })
    reader.partFollows(aPartHeader(options.header))
    for (let at = 0, index = 0; at < records.length; index++) {
      const count = size(index)
      reader.records(1, records.slice(at, at + count))
      at += count
    }
    reader.partEnds(1, records.length, true)
  })
}

export const textOf = (said: readonly Utterance[], channel: Channel) =>
  said
    .filter((one) => one.channel === channel && one.state === 'final')
    .map(({ text }) => text)
    .join(' ')

/** Returns what two readers of the same recording must agree on: the finals, in order of time. */
export const finalsOf = (said: readonly Utterance[]) =>
  said
    .filter(({ state }) => state === 'final')
    .map(({ channel, fromMs, toMs, text }) => ({ channel, fromMs, toMs, text }))
    .sort((a, b) => a.fromMs - b.fromMs || a.channel.localeCompare(b.channel))
