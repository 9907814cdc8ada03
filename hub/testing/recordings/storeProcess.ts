// The hub's real recording store as a process of its own, to be killed: killRounds.ts starts and feeds it.
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { SAMPLES_PER_RECORD, decodeFrame, type LogRecord, type PartHeader } from '@3cx-ninja/protocol'
import { nodeFileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { createDeadlyFileSystem } from '../../../recording-log/testing/deadlyFileSystem.ts'
import { faultOf } from '../../../recording-log/testing/trueRecord.ts'
import { openRecordingStore } from '../../src/recordings/recordingStore.ts'

/** One part that the agent has; records from the sequence `checkFrom` on are read back and compared. */
export interface ToOpen {
  readonly header: PartHeader
  readonly checkFrom: number
  readonly sealAt?: number
}
export type StoreOrder =
  | { readonly kind: 'open'; readonly parts: readonly ToOpen[] }
  | { readonly kind: 'frame'; readonly header: PartHeader; readonly bytes: Uint8Array }
  | { readonly kind: 'stop' }
export type StoreNews =
  | {
      readonly kind: 'opened'
      readonly name: string
      readonly position: number
      readonly flushed: number
      readonly faults: readonly string[]
    }
  | { readonly kind: 'flushed'; readonly name: string; readonly position: number }
  | { readonly kind: 'refused'; readonly name: string; readonly detail: string }

const [folder = '', key = '', dieAt = '0', noteFile = '', partHandles = '1000'] = process.argv.slice(2)
const report = (news: StoreNews) => void process.send?.(news)

/** Small sizes and times, so that each life sees journals change, files move and parts close. */
const store = await openRecordingStore({
  folder,
  masterKey: createMasterKey(Buffer.from(key, 'hex')),
  clock: systemClock,
  fs: Number(dieAt) > 0 ? createDeadlyFileSystem(Number(dieAt), noteFile) : nodeFileSystem,
  tuning: {
    flushEveryMs: 5,
    checkpointEveryMs: 25,
    segmentBytes: 400_000,
    segmentMs: 120,
    closeIdleMs: 40,
    maxPartHandles: Number(partHandles),
  },
})
store.onFlushed(({ recordingId }, position) => report({ kind: 'flushed', name: recordingId, position }))

/** Reads the stored records back as a worker does, up to `position`; returns one sentence for each fault. */
async function faultsIn({ header, checkFrom, sealAt }: ToOpen, position: number): Promise<readonly string[]> {
  const { recordingId, part } = header
  const faults: string[] = []
  const stopping = new AbortController()
  const point = { part, sample: Math.floor(checkFrom / 2) * SAMPLES_PER_RECORD }
  let next = 0
  for await (const event of store.follow(recordingId, { agent: point, caller: point }, stopping.signal)) {
    if (event.kind === 'part') {
      next = event.position
      if (next > checkFrom) faults.push(`${recordingId}: read from ${next} instead of ${checkFrom}`)
    }
    if (event.kind !== 'records') continue
    for (const record of event.records) {
      const fault = faultOf(record, recordingId, part, next, sealAt)
      if (fault !== undefined) faults.push(fault)
      next += 1
    }
    if (next >= position) stopping.abort()
  }
  if (next !== position) faults.push(`${recordingId}: read up to ${next}, where ${position} are stored`)
  return faults
}

async function open(one: ToOpen): Promise<void> {
  const name = one.header.recordingId
  const outcome = await store.openPart(one.header)
  if (!outcome.ok) return report({ kind: 'refused', name, detail: outcome.reason })
  const { position, flushed } = outcome
  const faults = position > 0 ? await faultsIn(one, position) : []
  report({ kind: 'opened', name, position, flushed, faults })
}

function append(header: PartHeader, records: readonly LogRecord[]): void {
  const { recordingId, part } = header
  const outcome = store.append({ recordingId, part }, records)
  if (!outcome.ok) report({ kind: 'refused', name: recordingId, detail: outcome.reason })
}

process.on('message', (order: StoreOrder) => {
  switch (order.kind) {
    case 'open':
      void (async () => {
        for (const one of order.parts) await open(one)
      })()
      return
    case 'frame': {
      const frame = decodeFrame(order.bytes)
      if (!frame.ok) throw new Error(frame.fault)
      return append(order.header, frame.records)
    }
    case 'stop':
      void store.stop().then(() => process.disconnect())
  }
})
