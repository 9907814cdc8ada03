import { encodeFrame, type WorkerToHub } from '@3cx-ninja/protocol'
import { expect, test } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createLeases } from '../../src/attach/leases.ts'
import { workerTuning } from '../../src/tuning.ts'
import { fakeRecognition, recordsOf, soundOf } from '../../testing/fakeRecognition.ts'
import { createKeptLog } from '../../testing/keptLog.ts'
import { aLease, aPartHeader } from '../../testing/transcribe.ts'

const { leaseId } = aLease()
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

/** A worker that reads a live call: frames of one record, as many as the test sends. */
function aReadingWorker() {
  const clock = createFakeClock()
  const sent: WorkerToHub[] = []
  const leases = createLeases({
    slots: 1,
    languages: [],
    recognition: { ...fakeRecognition(), clock },
    clock,
    renewalsPerLease: 4,
    send: (message) => void sent.push(message),
    log: createKeptLog().log,
    onCount: () => undefined,
    onDown: () => undefined,
  })
  leases.message({ kind: 'lease-offer', lease: aLease({ ttlMs: 60_000 }), window: 100 })
  leases.message({ kind: 'part-follows', leaseId, stream: 1, header: aPartHeader(), position: 0 })
  const records = recordsOf({ agent: soundOf('-'.repeat(200)) })
  return {
    clock,
    receive(from: number, to: number) {
      for (const record of records.slice(from, to)) leases.binary(encodeFrame(1, [record]))
    },
    reported: () =>
      sent.flatMap((message) => (message.kind === 'records-acknowledged' ? [message.position] : [])),
  }
}

test('the records of a live call are acknowledged for many frames together', async () => {
  const { receive, reported } = aReadingWorker()
  receive(0, workerTuning.acknowledgeRecords)
  while (reported().length === 0) await nextTurn()
  expect(reported()).toEqual([workerTuning.acknowledgeRecords])
})

test('the last records of a call that went quiet are acknowledged a moment later, so that the hub can free its window', async () => {
  const { clock, receive, reported } = aReadingWorker()
  receive(0, 3)
  while (clock.pending < 2) await nextTurn() // The renewal's timer, and the acknowledgment's.
  while (reported().length === 0) {
    await clock.advance(workerTuning.acknowledgeAfterMs)
    await nextTurn()
  }
  expect(reported().at(-1)).toBeLessThanOrEqual(3)
  while (reported().at(-1) !== 3) {
    await nextTurn()
    await clock.advance(workerTuning.acknowledgeAfterMs)
  }
})
