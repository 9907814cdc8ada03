// The agent's real recordings in a separate process, for kills: killRecorder.ts starts this process and sends its orders.
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { callId, recordingId } from '@3cx-ninja/protocol'
import { nodeFileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { createDeadlyFileSystem } from '../../../recording-log/testing/deadlyFileSystem.ts'
import { faultOf, trueRecord } from '../../../recording-log/testing/trueRecord.ts'
import {
  openRecordings,
  type LocalPart,
  type RecordingWriter,
} from '../../src/main/recordings/recordingFile.ts'

export type RecorderOrder =
  | { readonly kind: 'begin' | 'seal'; readonly name: string }
  | { readonly kind: 'append'; readonly name: string; readonly from: number; readonly count: number }
  | { readonly kind: 'stop' }
export interface FoundPart {
  readonly name: string
  readonly part: number
  readonly previousPosition: number
  readonly position: number
  /** The recording is complete, and this is its last part. */
  readonly sealed: boolean
  readonly faults: readonly string[]
}
export type RecorderReport =
  | { readonly kind: 'opened'; readonly parts: readonly FoundPart[] }
  | { readonly kind: 'begun'; readonly name: string; readonly part: number }
  | { readonly kind: 'written'; readonly name: string; readonly position: number }
  | { readonly kind: 'sealed'; readonly name: string }
  | { readonly kind: 'refused'; readonly name: string; readonly detail: string }

const [folder = '', key = '', dieAt = '0', noteFile = ''] = process.argv.slice(2)
const send = (report: RecorderReport) => void process.send?.(report)
const writers = new Map<string, RecordingWriter>()
const recordings = await openRecordings({
  folder,
  masterKey: createMasterKey(Buffer.from(key, 'hex')),
  clock: systemClock,
  fs: Number(dieAt) > 0 ? createDeadlyFileSystem(Number(dieAt), noteFile) : nodeFileSystem,
  tuning: { flushMs: 5 },
})

async function readPart({ header, position }: LocalPart, sealed: boolean): Promise<FoundPart> {
  const { recordingId: name, part, previousPosition } = header
  const faults: string[] = []
  const sealAt = sealed ? position - 1 : undefined
  let next = 0
  while (next < position) {
    const records = await recordings.read(name, part, next, 1_000)
    if (records.length === 0) {
      faults.push(`${name}/${part}: ${next} of ${position} can be read`)
      break
    }
    for (const record of records) {
      const fault = faultOf(record, name, part, next, sealAt)
      if (fault !== undefined) faults.push(fault)
      next += 1
    }
  }
  return { name, part, previousPosition, position, sealed, faults }
}

async function begin(name: string): Promise<void> {
  const writer = await recordings.begin({
    recordingId: recordingId.parse(name),
    callId: callId.parse(`call-of-${name}`),
    codec: 'opus',
    extension: '201',
    language: 'fr',
    consent: { basis: 'demonstration', ruleVersion: 1 },
  })
  writers.set(name, writer)
  send({ kind: 'begun', name, part: writer.header.part })
}

async function append(writer: RecordingWriter, name: string, from: number, count: number): Promise<void> {
  const drafts = Array.from({ length: count }, (_, n) => {
    const { channel, firstSample, payload } = trueRecord(name, writer.header.part, from + n)
    return { kind: 'audio' as const, channel, firstSample, payload }
  })
  const outcome = await writer.append(drafts)
  if (outcome.ok) send({ kind: 'written', name, position: from + count })
  else send({ kind: 'refused', name, detail: outcome.detail })
}

async function carryOut(order: Exclude<RecorderOrder, { kind: 'stop' }>): Promise<void> {
  const { name } = order
  if (order.kind === 'begin') return begin(name)
  const writer = writers.get(name)
  if (!writer) return send({ kind: 'refused', name, detail: 'not begun' })
  if (order.kind === 'append') return append(writer, name, order.from, order.count)
  const outcome = await writer.seal()
  send(outcome.ok ? { kind: 'sealed', name } : { kind: 'refused', name, detail: outcome.detail })
}

process.on('message', (order: RecorderOrder) => {
  if (order.kind === 'stop') void recordings.stop().then(() => process.disconnect())
  else void carryOut(order)
})

const parts: FoundPart[] = []
for (const recording of recordings.list())
  for (const part of recording.parts)
    parts.push(await readPart(part, recording.sealed && part === recording.parts.at(-1)))
send({ kind: 'opened', parts })
