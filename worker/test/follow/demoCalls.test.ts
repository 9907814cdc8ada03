import { expect, test } from 'vitest'
import {
  CHANNELS,
  callId,
  leaseId,
  recordingId,
  type Lease,
  type LogRecord,
  type PartHeader,
  type Utterance,
} from '@3cx-ninja/protocol'
import { createLeaseReader, type Hearing } from '../../src/follow/leaseReader.ts'
import { wordErrorRate } from '../../src/wordErrorRate.ts'
import { demoCall } from '../../testing/demoCall.ts'
import { realHearing } from '../../testing/realHearing.ts'

const lease: Lease = {
  leaseId: leaseId.parse('lease-00000001'),
  recordingId: recordingId.parse('recording-1'),
  fence: 1,
  ttlMs: 5_000,
  language: 'fr',
  live: false,
  resume: { agent: null, caller: null },
  vocabulary: '',
}
const header: PartHeader = {
  recordingId: lease.recordingId,
  callId: callId.parse('call-0001'),
  part: 1,
  codec: 'pcm16',
  startedAtMs: 0,
  previousPosition: 0,
  extension: '204',
  language: 'fr',
  consent: { basis: 'demonstration', ruleVersion: 1 },
}

/** Reads a recording to its end; resolves with every utterance in the order sent. */
function transcribe(
  hearing: Hearing,
  records: readonly LogRecord[],
  changes: Partial<Lease> = {},
  size = 20,
) {
  return new Promise<Utterance[]>((resolve, reject) => {
    const said: Utterance[] = []
    const reader = createLeaseReader({
      lease: { ...lease, ...changes },
      hearing,
      onUtterance: (utterance) => said.push(utterance),
      onTaken: () => undefined,
      onDone: () => resolve(said),
      onBroken: reject,
    })
    reader.partFollows(header)
    for (let at = 0; at < records.length; at += size) reader.records(1, records.slice(at, at + size))
    reader.partEnds(1, records.length, true)
  })
}
const textOf = (said: readonly Utterance[], channel: string) =>
  said
    .filter((one) => one.channel === channel && one.state === 'final')
    .map(({ text }) => text)
    .join(' ')
const finalsOf = (said: readonly Utterance[]) =>
  said
    .filter(({ state }) => state === 'final')
    .map(({ channel, fromMs, toMs, text }) => ({ channel, fromMs, toMs, text }))
    .sort((a, b) => a.fromMs - b.fromMs || (a.channel < b.channel ? -1 : 1))

test.each([1, 2, 3] as const)(
  'demonstration call %i is understood with at most 10 %% wrong words',
  async (number) => {
    await using hearing = await realHearing(2)
    const call = await demoCall(number)
    const said = await transcribe(hearing, call.records)
    for (const channel of CHANNELS) {
      const rate = wordErrorRate(call.words[channel], textOf(said, channel))
      process.stdout.write(`call ${number} ${channel}: ${(rate * 100).toFixed(1)} % wrong\n`)
      for (const u of said)
        if (u.channel === channel) process.stdout.write(`   ${u.fromMs}-${u.toMs} ${u.text}\n`)
      expect(rate).toBeLessThanOrEqual(0.1)
    }
  },
)
