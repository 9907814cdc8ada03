import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { callId, recordingId, type LogRecord, type PartHeader } from '@3cx-ninja/protocol'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { openRecordingStore, type RecordingStore } from '../../src/recordings/recordingStore.ts'
import { EVENT_LIMIT_MS } from '../../../protocol/testing/eventLimit.ts'

const masterKey = createMasterKey(randomBytes(32))
const header = (part = 1, previousPosition = 0): PartHeader => ({
  recordingId: recordingId.parse('recording-1'),
  callId: callId.parse('call-0001'),
  part,
  codec: 'pcm16',
  startedAtMs: 1_767_225_600_000 + 1_000 * part,
  previousPosition,
  extension: '201',
  language: 'fr',
  consent: { basis: 'demonstration', ruleVersion: 1 },
})
const record = (sequence: number, kind: LogRecord['kind'] = 'audio'): LogRecord => ({
  sequence,
  kind,
  channel: sequence % 2 ? 'caller' : 'agent',
  firstSample: Math.floor(sequence / 2) * 1600,
  payload: kind === 'audio' ? Buffer.from(`sound ${sequence}`) : new Uint8Array(),
})
const ref = (part = 1) => ({ recordingId: header().recordingId, part })

const open: { stop(): Promise<void> }[] = []
const folders: string[] = []
async function freshFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'recordings-'))
  folders.push(folder)
  return folder
}
async function openStore(folder: string): Promise<RecordingStore> {
  const store = await openRecordingStore({
    folder,
    masterKey,
    clock: systemClock,
    tuning: { checkpointEveryMs: 30 },
  })
  open.push(store)
  return store
}
const flushedTo = (store: RecordingStore, position: number) =>
  new Promise<void>((resolve) => {
    const stop = store.onFlushed((_, at) => {
      if (at < position) return
      stop()
      resolve()
    })
  })
async function readAll(store: RecordingStore) {
  const texts: string[] = []
  for await (const event of store.follow(
    header().recordingId,
    { agent: null, caller: null },
    AbortSignal.timeout(EVENT_LIMIT_MS),
  )) {
    if (event.kind === 'records') {
      for (const { kind, payload } of event.records)
        texts.push(kind === 'audio' ? Buffer.from(payload).toString() : kind)
    } else if (event.kind === 'part-end') texts.push(`end ${event.part}${event.last ? ' last' : ''}`)
  }
  return texts
}

afterEach(async () => {
  for (const store of open.splice(0)) await store.stop()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

describe('the recording store', () => {
  it('[R3] refuses a record that is not the next one, and returns the right position', async () => {
    const store = await openStore(await freshFolder())
    expect(await store.openPart(header())).toEqual({ ok: true, position: 0, flushed: 0 })
    expect(store.append(ref(), [record(0), record(1)])).toEqual({ ok: true })
    expect(store.append(ref(), [record(3)])).toEqual({ ok: false, reason: 'position', position: 2 })
    expect(store.append(ref(), [record(1)])).toEqual({ ok: false, reason: 'position', position: 2 })
    expect(store.append(ref(2), [record(0)])).toEqual({ ok: false, reason: 'unknown-part' })
  })

  it('[R4] keeps every acknowledged record once over a restart', async () => {
    const folder = await freshFolder()
    const store = await openStore(folder)
    await store.openPart(header())
    const flushed = flushedTo(store, 40)
    for (let n = 0; n < 40; n += 2) store.append(ref(), [record(n), record(n + 1)])
    await flushed
    await open.pop()?.stop()
    const again = await openStore(folder)
    expect(await again.openPart(header())).toEqual({ ok: true, position: 40, flushed: 40 })
    again.append(ref(), [record(40, 'sealed')])
    expect(await readAll(again)).toEqual([
      ...Array.from({ length: 40 }, (_, n) => `sound ${n}`),
      'sealed',
      'end 1 last',
    ])
  })

  it('yields the stored records, then each new one, over two parts, until the seal', async () => {
    const store = await openStore(await freshFolder())
    await store.openPart(header())
    store.append(ref(), [record(0), record(1)])
    const reading = readAll(store)
    await flushedTo(store, 2)
    store.append(ref(), [record(2)])
    await store.openPart(header(2, 3))
    store.append(ref(2), [record(0), record(1, 'sealed')])
    expect(await reading).toEqual([
      'sound 0',
      'sound 1',
      'sound 2',
      'end 1',
      'sound 0',
      'sealed',
      'end 2 last',
    ])
    expect(store.state(header().recordingId)?.sealed).toBe(true)
  })

  it('[R8] refuses an erased recording forever, also to a late agent', async () => {
    const folder = await freshFolder()
    const store = await openStore(folder)
    await store.openPart(header())
    store.append(ref(), [record(0)])
    await flushedTo(store, 1)
    await store.remove(header().recordingId, 'erased')
    expect(store.append(ref(), [record(1)])).toEqual({ ok: false, reason: 'erased' })
    await open.pop()?.stop()
    const again = await openStore(folder)
    expect(await again.openPart(header())).toEqual({ ok: false, reason: 'erased' })
    expect(again.list()).toEqual([])
  })

  it('closes a finished recording and reads it back from its own file', async () => {
    const folder = await freshFolder()
    const store = await openRecordingStore({
      folder,
      masterKey,
      clock: systemClock,
      tuning: { checkpointEveryMs: 10, closeIdleMs: 0, segmentMs: 20 },
    })
    open.push(store)
    await store.openPart(header())
    store.append(ref(), [record(0), record(1, 'sealed')])
    await expect.poll(async () => (await store.usage()).openParts).toBe(0)
    expect(await readAll(store)).toEqual(['sound 0', 'sealed', 'end 1 last'])
    await open.pop()?.stop()
    const again = await openStore(folder)
    expect(again.state(header().recordingId)).toMatchObject({
      sealed: true,
      parts: [{ position: 2, ended: true }],
    })
  })
})
