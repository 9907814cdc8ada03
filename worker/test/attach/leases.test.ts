import { encodeFrame, leaseId, recordingId, type Lease, type WorkerToHub } from '@3cx-ninja/protocol'
import { expect, test } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createLeases } from '../../src/attach/leases.ts'
import { EngineDown } from '../../src/engines/enginePort.ts'
import type { RecognitionContext } from '../../src/reading/leaseReader.ts'
import { fakeRecognition, recordsOf, soundOf } from '../../testing/fakeRecognition.ts'
import { createKeptLog } from '../../testing/keptLog.ts'
import { aLease, aPartHeader } from '../../testing/transcribe.ts'

function aWorker(
  changes: { slots?: number; languages?: string[]; recognition?: Partial<RecognitionContext> } = {},
) {
  const clock = createFakeClock()
  const sent: WorkerToHub[] = []
  const waiting = new Set<() => void>()
  const down: unknown[] = []
  const kept = createKeptLog()
  const leases = createLeases({
    slots: changes.slots ?? 2,
    languages: changes.languages ?? [],
    recognition: { ...fakeRecognition(), clock, ...changes.recognition },
    clock,
    renewalsPerLease: 4,
    send(message) {
      sent.push(message)
      for (const check of [...waiting]) check()
    },
    log: kept.log,
    onCount: () => undefined,
    onDown: (error) => down.push(error),
  })
  const kinds = () => sent.map(({ kind }) => kind)
  return {
    leases,
    clock,
    sent,
    down,
    kinds,
    ...kept,
    offer: (lease: Partial<Lease> = {}) =>
      leases.message({ kind: 'lease-offer', lease: aLease(lease), window: 100 }),
    /** Resolves with the first message of this kind, sent before or later. */
    firstSent: (kind: WorkerToHub['kind']) =>
      new Promise<WorkerToHub>((resolve) => {
        const check = () => {
          const found = sent.find((message) => message.kind === kind)
          if (!found) return
          waiting.delete(check)
          resolve(found)
        }
        waiting.add(check)
        check()
      }),
  }
}
const other = { leaseId: leaseId.parse('lease-00000002'), recordingId: recordingId.parse('recording-2') }
const third = { leaseId: leaseId.parse('lease-00000003'), recordingId: recordingId.parse('recording-3') }
const { leaseId: id } = aLease()

test('[W2] a worker accepts offers while a slot is free, then declines with the reason', () => {
  const { offer, sent, leases } = aWorker({ slots: 2 })
  offer()
  offer(other)
  offer(third)
  expect(sent).toEqual([
    { kind: 'lease-accept', leaseId: id },
    { kind: 'lease-accept', leaseId: other.leaseId },
    { kind: 'lease-decline', leaseId: third.leaseId, reason: 'no slot is free' },
  ])
  expect(leases.count()).toBe(2)
})

test('[W2] an offer in a language that the model does not know is declined by its name', () => {
  const { offer, sent } = aWorker({ languages: ['fr'] })
  offer({ language: 'de' })
  offer({ language: 'auto' })
  expect(sent).toMatchObject([
    { kind: 'lease-decline', reason: 'the model knows fr only, not de' },
    { kind: 'lease-accept' },
  ])
})

test('[W1] a draining worker declines new leases and keeps those it holds', () => {
  const { offer, sent, leases } = aWorker()
  offer()
  leases.drain()
  offer(other)
  expect(sent[1]).toMatchObject({ kind: 'lease-decline', reason: 'this worker drains' })
  expect(leases.count()).toBe(1)
})

test('[W3] a lease of four seconds is renewed each second, with its fence', async () => {
  const { offer, sent, clock, leases } = aWorker()
  offer({ fence: 7 })
  for (let second = 1; second <= 10; second++) {
    await clock.advance(1_000)
    expect(sent.filter(({ kind }) => kind === 'lease-renew')).toHaveLength(second)
    leases.message({ kind: 'lease-renewed', leaseId: id, fence: 7, ttlMs: 4_000 })
  }
  expect(sent.at(-1)).toMatchObject({ kind: 'lease-renew', leaseId: id, fence: 7 })
  expect(leases.count()).toBe(1)
})

test('[W3] a lease whose renewals stay unanswered is lost, and its work stops', async () => {
  const { offer, kinds, clock, leases, lines } = aWorker()
  offer()
  await clock.advance(4_000)
  expect(leases.count()).toBe(0)
  expect(lines.map(({ event }) => event)).toContain('lease.lost')
  const before = kinds().length
  await clock.advance(20_000)
  expect(kinds()).toHaveLength(before)
  expect(clock.pending).toBe(0)
})

test('[W3] an answer to another fence renews no lease', async () => {
  const { offer, clock, leases } = aWorker()
  offer({ fence: 7 })
  for (let second = 0; second < 4; second++) {
    await clock.advance(1_000)
    leases.message({ kind: 'lease-renewed', leaseId: id, fence: 6, ttlMs: 4_000 })
  }
  expect(leases.count()).toBe(0)
})

test('[W4] the same recording under a newer fence replaces the older lease, also when no slot is free', () => {
  const { offer, leases, kinds } = aWorker({ slots: 1 })
  offer({ fence: 1 })
  offer({ leaseId: other.leaseId, fence: 2 })
  expect(kinds()).toEqual(['lease-accept', 'lease-accept'])
  expect(leases.count()).toBe(1)
})

test('[W5] a part is read to its end; its utterances carry the fence, and its end is reported once', async () => {
  const { offer, leases, sent, firstSent } = aWorker()
  offer({ fence: 3 })
  const records = recordsOf({ agent: soundOf(`${'S'.repeat(40)}${'-'.repeat(40)}`) })
  leases.message({ kind: 'part-follows', leaseId: id, stream: 9, header: aPartHeader(), position: 0 })
  leases.binary(encodeFrame(9, records))
  leases.message({ kind: 'part-ends', leaseId: id, part: 1, position: records.length, last: true })
  await firstSent('lease-done')
  const utterances = sent.filter((message) => message.kind === 'utterance')
  expect(utterances).toMatchObject([
    { leaseId: id, fence: 3, utterance: { channel: 'agent', state: 'final' } },
  ])
  expect(sent.at(-1)).toEqual({ kind: 'lease-done', leaseId: id, fence: 3 })
  expect(sent.filter(({ kind }) => kind === 'records-acknowledged').at(-1)).toMatchObject({
    part: 1,
    position: records.length,
  })
  expect(leases.count()).toBe(0)
})

test('[W5] with two calls at once, the frames of each reach only its own reader', async () => {
  const { offer, leases, sent, firstSent } = aWorker()
  offer()
  offer(other)
  const pattern = `${'S'.repeat(40)}${'-'.repeat(40)}`
  const one = recordsOf({ agent: soundOf(pattern, 1) })
  const two = recordsOf({ caller: soundOf(pattern, 2) })
  leases.message({ kind: 'part-follows', leaseId: id, stream: 1, header: aPartHeader(), position: 0 })
  const header = aPartHeader({ recordingId: other.recordingId })
  leases.message({ kind: 'part-follows', leaseId: other.leaseId, stream: 2, header, position: 0 })
  for (let at = 0; at < one.length; at += 4) {
    leases.binary(encodeFrame(2, two.slice(at, at + 4)))
    leases.binary(encodeFrame(1, one.slice(at, at + 4)))
  }
  leases.message({ kind: 'part-ends', leaseId: id, part: 1, position: one.length, last: true })
  await firstSent('lease-done')
  leases.message({ kind: 'part-ends', leaseId: other.leaseId, part: 1, position: two.length, last: false })
  // The stream of a part that ended belongs to no lease any more.
  leases.binary(encodeFrame(1, one.slice(0, 1)))
  leases.message({ kind: 'part-ends', leaseId: other.leaseId, part: 1, position: two.length, last: true })
  while (sent.filter(({ kind }) => kind === 'lease-done').length < 2)
    await new Promise((resolve) => setImmediate(resolve))
  const utterances = sent.flatMap((message) => (message.kind === 'utterance' ? [message.utterance] : []))
  expect(utterances.map(({ recordingId: of, channel }) => [of, channel])).toEqual([
    ['recording-1', 'agent'],
    ['recording-2', 'caller'],
  ])
})

test('a frame that cannot be decoded is logged and changes no lease', () => {
  const { offer, leases, lines } = aWorker()
  offer()
  leases.binary(new Uint8Array(40))
  leases.binary(new Uint8Array())
  expect(lines.filter(({ event }) => event === 'frame.broken')).toHaveLength(2)
  expect(leases.count()).toBe(1)
})

test('[W8] when the decoders cannot run the lease is given back with the cause, for another worker', async () => {
  const pool = {
    final: () => Promise.reject(new EngineDown('no memory for the model')),
    partial: () => Promise.resolve(undefined),
    waiting: () => ({ finals: 0, partials: 0 }),
  }
  const { offer, leases, firstSent, down, sent } = aWorker({ recognition: { pool } })
  offer()
  const records = recordsOf({ agent: soundOf(`${'S'.repeat(40)}${'-'.repeat(40)}`) })
  leases.message({ kind: 'part-follows', leaseId: id, stream: 1, header: aPartHeader(), position: 0 })
  leases.binary(encodeFrame(1, records))
  expect(await firstSent('lease-return')).toMatchObject({ fence: 1, reason: 'no memory for the model' })
  expect(down).toHaveLength(1)
  expect(sent.some(({ kind }) => kind === 'utterance' || kind === 'lease-done')).toBe(false)
  expect(leases.count()).toBe(0)
})

test('[W9] a revoked lease ends at once: nothing more is sent about it', async () => {
  const { offer, leases, kinds, clock } = aWorker()
  offer()
  leases.message({ kind: 'part-follows', leaseId: id, stream: 1, header: aPartHeader(), position: 0 })
  leases.binary(encodeFrame(1, recordsOf({ agent: soundOf('S'.repeat(60)) })))
  leases.message({ kind: 'lease-revoked', leaseId: id, reason: 'erased' })
  const before = kinds().length
  await clock.advance(10_000)
  expect(kinds()).toHaveLength(before)
  expect(leases.count()).toBe(0)
})

test('[W8] a stopping worker gives back the leases that it still holds', () => {
  const { offer, leases, sent } = aWorker()
  offer()
  offer(other)
  leases.giveBack('this worker stops')
  expect(sent.slice(2)).toEqual([
    { kind: 'lease-return', leaseId: id, fence: 1, reason: 'this worker stops' },
    { kind: 'lease-return', leaseId: other.leaseId, fence: 1, reason: 'this worker stops' },
  ])
  expect(leases.count()).toBe(0)
})

test('messages about leases that have ended change nothing', () => {
  const { leases, sent } = aWorker()
  leases.message({ kind: 'lease-renewed', leaseId: id, fence: 1, ttlMs: 4_000 })
  leases.message({ kind: 'lease-revoked', leaseId: id, reason: 'expired' })
  leases.message({ kind: 'part-follows', leaseId: id, stream: 1, header: aPartHeader(), position: 0 })
  leases.message({ kind: 'part-ends', leaseId: id, part: 1, position: 0, last: true })
  expect(sent).toEqual([])
})
