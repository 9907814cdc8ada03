import { encodeFrame, type WorkerToHub } from '@3cx-ninja/protocol'
import { expect, test } from 'vitest'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createLeases } from '../../src/attach/leases.ts'
import { workerTuning } from '../../src/tuning.ts'
import { fakeHearing, recordsOf, soundOf } from '../../testing/fakeHearing.ts'
import { createKeptLog } from '../../testing/keptLog.ts'
import { aLease, aPartHeader } from '../../testing/transcribe.ts'

const { leaseId } = aLease()
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A worker that follows a live call: frames of one record, as many as asked for. */
function following() {
  const clock = createFakeClock()
  const sent: WorkerToHub[] = []
  const leases = createLeases({
    places: 1,
    languages: [],
    hearing: { ...fakeHearing(), clock },
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
    hear(from: number, to: number) {
      for (const record of records.slice(from, to)) leases.binary(encodeFrame(1, [record]))
    },
    told: () =>
      sent.flatMap((message) => (message.kind === 'records-acknowledged' ? [message.position] : [])),
  }
}

test('what is taken in of a live call is told for many frames together', async () => {
  const { hear, told } = following()
  hear(0, workerTuning.takenRecords)
  while (told().length === 0) await turn()
  expect(told()).toEqual([workerTuning.takenRecords])
})

test('what is taken in of a call that went quiet is told a moment later, so that the hub can take its place back', async () => {
  const { clock, hear, told } = following()
  hear(0, 3)
  while (clock.pending < 2) await turn() // the renewal, and the telling
  while (told().length === 0) {
    await clock.advance(workerTuning.takenMs)
    await turn()
  }
  expect(told().at(-1)).toBeLessThanOrEqual(3)
  while (told().at(-1) !== 3) {
    await turn()
    await clock.advance(workerTuning.takenMs)
  }
})
