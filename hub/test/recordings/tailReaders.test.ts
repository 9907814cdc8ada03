import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { callId, recordingId, type LogRecord, type PartHeader } from '@3cx-ninja/protocol'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { openRecordingStore, type RecordingStore } from '../../src/recordings/recordingStore.ts'
import { EVENT_LIMIT_MS } from '../../../protocol/testing/eventLimit.ts'

const header: PartHeader = {
  recordingId: recordingId.parse('recording-1'),
  callId: callId.parse('call-0001'),
  part: 1,
  codec: 'opus',
  startedAtMs: 1_767_225_600_000,
  previousPosition: 0,
  extension: '201',
  language: 'fr',
  consent: { basis: 'demonstration', ruleVersion: 1 },
}
const ref = { recordingId: header.recordingId, part: 1 }
const fromStart = { agent: null, caller: null }
const soundOf = (sequence: number) => `sound ${sequence}`
/** The memory of every arriving record: it is reused, as a socket's may be. */
const received = Buffer.alloc(64)
const append = (store: RecordingStore, sequence: number, kind: LogRecord['kind'] = 'audio') => {
  const length = kind === 'audio' ? received.write(soundOf(sequence)) : 0
  const payload = received.subarray(0, length)
  const outcome = store.append(ref, [
    { sequence, kind, channel: 'agent', firstSample: sequence * 1_600, payload },
  ])
  received.fill(0)
  return outcome
}
const textOf = ({ kind, payload }: LogRecord) => (kind === 'audio' ? Buffer.from(payload).toString() : kind)
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

let folder = ''
let store: RecordingStore
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'follow-'))
  const masterKey = createMasterKey(randomBytes(32))
  store = await openRecordingStore({
    folder,
    masterKey,
    clock: systemClock,
    tuning: { checkpointEveryMs: 5 },
  })
  await store.openPart(header)
})
afterEach(async () => {
  await store.stop()
  await rm(folder, { recursive: true })
})

/** Follows with a `deliver` that answers as `willing`; `arrived` has all records in their order of arrival, delivered or yielded. */
function follow(willing: () => boolean) {
  const arrived: string[] = []
  const yielded: string[] = []
  const deliver = (_part: number, records: readonly LogRecord[]) => {
    if (!willing()) return false
    arrived.push(...records.map(textOf))
    return true
  }
  const reading = (async () => {
    for await (const event of store.follow(
      ref.recordingId,
      fromStart,
      AbortSignal.timeout(EVENT_LIMIT_MS),
      deliver,
    )) {
      if (event.kind !== 'records') continue
      arrived.push(...event.records.map(textOf))
      yielded.push(...event.records.map(textOf))
    }
  })()
  return { arrived, yielded, reading }
}

test('delivers a record within append to a reader that has read everything', async () => {
  const { arrived, yielded, reading } = follow(() => true)
  append(store, 0)
  await expect.poll(() => arrived).toEqual([soundOf(0)])
  await turn()
  append(store, 1)
  expect(arrived).toEqual([soundOf(0), soundOf(1)])
  append(store, 2, 'sealed')
  await reading
  expect(arrived).toEqual([soundOf(0), soundOf(1), 'sealed'])
  expect(yielded).toEqual([soundOf(0)])
})

test('yields refused records unchanged later, also when their memory was reused', async () => {
  const { arrived, yielded, reading } = follow(() => false)
  await turn()
  append(store, 0)
  append(store, 1)
  append(store, 2, 'sealed')
  await reading
  expect(arrived).toEqual([soundOf(0), soundOf(1), 'sealed'])
  expect(yielded).toEqual(arrived)
})

test.for([1, 2, 3, 4])(
  'gives a reader that refuses at random every record once and in order (seed %i)',
  async (seed) => {
    let state = seed
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return (state >>> 16) % below
    }
    const { arrived, yielded, reading } = follow(() => random(3) > 0)
    const records = 300
    for (let sequence = 0; sequence < records; sequence++) {
      expect(append(store, sequence)).toEqual({ ok: true })
      if (random(2) === 0) await turn()
    }
    append(store, records, 'sealed')
    await reading
    expect(arrived).toEqual([...Array.from({ length: records }, (_, index) => soundOf(index)), 'sealed'])
    expect(yielded.length).toBeGreaterThan(0)
    expect(yielded.length).toBeLessThan(arrived.length)
  },
)
