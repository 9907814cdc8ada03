import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { recordingId, type LogRecord } from '@3cx-ninja/protocol'
import type { FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createFakeDisk } from '../../../recording-log/testing/fakeDisk.ts'
import { trueHeader, trueRecord } from '../../../recording-log/testing/trueRecord.ts'
import type { RecoveryFinding } from '../../src/recordings/parts/loadParts.ts'
import type { DiskFault } from '../../src/recordings/diskFault.ts'
import { openRecordingStore, type RecordingStore } from '../../src/recordings/recordingStore.ts'
import type { RecordingsTuning } from '../../src/recordings/tuning.ts'

const NAME = 'recording-1'
const ID = recordingId.parse(NAME)
const REC = `/hub/parts/${NAME}/1.rec`
const ref = (part = 1) => ({ recordingId: ID, part })
const records = (from: number, to: number, sealAt?: number) =>
  Array.from({ length: to - from }, (_, n) => trueRecord(NAME, 1, from + n, sealAt))

/** Creates a store on a disk in memory that can be full, lie, and lose power. */
function aMachine(tuning: Partial<RecordingsTuning> = {}) {
  const disk = createFakeDisk()
  const clock = createFakeClock()
  const masterKey = createMasterKey(randomBytes(32))
  const found: RecoveryFinding[] = []
  const faults: DiskFault[] = []
  const acknowledged: number[] = []
  const start = async (fs: FileSystem = disk.fs, key = masterKey): Promise<RecordingStore> => {
    const store = await openRecordingStore({
      folder: '/hub',
      fs,
      clock,
      masterKey: key,
      tuning: { checkpointEveryMs: 100, segmentMs: 500, closeIdleMs: 1_000, ...tuning },
      onRecovered: (one) => found.push(one),
    })
    store.onDiskFault((fault) => faults.push(fault))
    store.onFlushed((_, position) => acknowledged.push(position))
    return store
  }
  return { disk, clock, found, faults, acknowledged, start }
}

async function readAll(store: RecordingStore, upTo = Infinity): Promise<readonly LogRecord[]> {
  const read: LogRecord[] = []
  const enough = new AbortController()
  for await (const event of store.follow(ID, { agent: null, caller: null }, enough.signal)) {
    if (event.kind === 'records') read.push(...event.records)
    if (read.length >= upTo) enough.abort()
  }
  return read
}
const plain = (all: readonly LogRecord[]) =>
  all.map(({ payload, ...record }) => ({ ...record, payload: Buffer.from(payload).toString('latin1') }))

/** Returns the same disk, except that flushes of files of this kind wait for `until` first. */
const slowFlush = (fs: FileSystem, kind: RegExp, until: () => Promise<void> | undefined): FileSystem => ({
  ...fs,
  async open(path, flags) {
    const file = await fs.open(path, flags)
    if (!kind.test(path)) return file
    return {
      ...file,
      async datasync() {
        await until()
        await file.datasync()
      },
    }
  },
})

/** Returns the same disk, except that files of this kind refuse every write. */
const fullFor = (fs: FileSystem, kind: RegExp, isFull: () => boolean): FileSystem => ({
  ...fs,
  async open(path, flags) {
    const file = await fs.open(path, flags)
    if (!kind.test(path)) return file
    return {
      ...file,
      write: (from, offset, length, position) =>
        isFull()
          ? Promise.reject(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' }))
          : file.write(from, offset, length, position),
    }
  },
})

describe('a full disk on the hub', () => {
  it('[R3] keeps records in memory on a full disk, feeds readers, and acknowledges them once there is room', async () => {
    const { disk, clock, faults, acknowledged, start } = aMachine()
    const store = await start()
    await store.openPart(trueHeader(NAME))
    disk.setRoom(100)
    expect(store.append(ref(), records(0, 20))).toEqual({ ok: true })
    expect(plain(await readAll(store, 20))).toEqual(plain(records(0, 20)))
    await clock.advance(3_000)
    expect(acknowledged).toEqual([])
    expect(faults).toMatchObject([{ kind: 'disk-full', remedy: expect.stringContaining('Free space') }])
    expect(await store.openPart(trueHeader('recording-2'))).toEqual({ ok: false, reason: 'disk-full' })
    disk.heal()
    await clock.advance(1_000)
    expect(acknowledged).toEqual([20])
    expect(faults.at(-1)?.kind).toBe('none')
    expect(store.append(ref(), records(20, 21, 20))).toEqual({ ok: true })
    await clock.advance(5_000)
    expect(plain(await readAll(store))).toEqual(plain(records(0, 21, 20)))
  })

  it('[R8] refuses records when too much waits for the disk, reports the position later, and loses nothing', async () => {
    const { disk, clock, start } = aMachine({ maxUnflushedBytes: 2_500 })
    const store = await start()
    await store.openPart(trueHeader(NAME))
    disk.setRoom(0)
    let accepted = 0
    while (store.append(ref(), records(accepted, accepted + 2)).ok) accepted += 2
    expect(accepted).toBeGreaterThan(4)
    expect(store.append(ref(), records(accepted, accepted + 2))).toMatchObject({ reason: 'disk-full' })
    disk.heal()
    await clock.advance(2_000)
    expect(await store.openPart(trueHeader(NAME))).toMatchObject({ position: accepted, flushed: accepted })
    expect(store.append(ref(), records(accepted, accepted + 2))).toEqual({ ok: true })
  })

  it('acknowledges by the journal while the part’s file cannot be written, and keeps the journal over a kill', async () => {
    const { disk, clock, faults, acknowledged, start } = aMachine()
    let full = true
    const store = await start(fullFor(disk.fs, /\d\.rec$/, () => full && clock.monotonicMs() > 0))
    await store.openPart(trueHeader(NAME))
    await clock.advance(1)
    store.append(ref(), records(0, 40))
    await clock.advance(5_000)
    expect(acknowledged).toEqual([40])
    expect(faults.at(-1)?.kind).toBe('disk-full')
    disk.kill()
    const again = await start()
    expect(await again.openPart(trueHeader(NAME))).toMatchObject({ position: 40, flushed: 40 })
    full = false
    again.append(ref(), records(40, 41, 40))
    expect(plain(await readAll(again))).toEqual(plain(records(0, 41, 40)))
  })

  it('truncates the journal again once the parts are written', async () => {
    const { disk, clock, start } = aMachine()
    let full = true
    const store = await start(fullFor(disk.fs, /\d\.rec$/, () => full && clock.monotonicMs() > 0))
    await store.openPart(trueHeader(NAME))
    for (let n = 0; n < 40; n += 2) {
      await clock.advance(100)
      store.append(ref(), records(n, n + 2))
    }
    full = false
    await clock.advance(2_000)
    const journal = disk.files().filter((name) => name.startsWith('/hub/journal/'))
    expect(journal).toHaveLength(1)
    expect(disk.bytesOf(journal[0]!)).toHaveLength(0)
    disk.cutPower(() => 0)
    expect(await (await start()).openPart(trueHeader(NAME))).toMatchObject({ position: 40 })
  })

  it('goes on writing checkpoints and acknowledging while the flushes of other files are slow', async () => {
    const { disk, clock, acknowledged, start } = aMachine()
    const gate = Promise.withResolvers<void>()
    const slow = slowFlush(disk.fs, /\d\.rec$/, () => (clock.monotonicMs() > 0 ? gate.promise : undefined))
    const store = await start(slow)
    const names = Array.from({ length: 6 }, (_, n) => `recording-${String(n + 1)}`)
    for (const name of names) await store.openPart(trueHeader(name))
    const appendAll = (from: number, to: number) => {
      for (const name of names)
        for (let n = from; n < to; n++)
          store.append({ recordingId: recordingId.parse(name), part: 1 }, [trueRecord(name, 1, n)])
    }
    appendAll(0, 2)
    await clock.advance(1_000) // a segment is over: its parts are being flushed, and that does not end
    const sizeOf = (name: string) => disk.bytesOf(`/hub/parts/${name}/1.rec`).length
    const [sizeBefore, acknowledgedBefore] = [sizeOf(NAME), acknowledged.length]
    appendAll(2, 4)
    await clock.advance(1_000)
    expect(sizeOf(NAME)).toBeGreaterThan(sizeBefore)
    expect(acknowledged.length).toBe(acknowledgedBefore + names.length)
    const segments = () => disk.files().filter((name) => name.startsWith('/hub/journal/')).length
    expect(segments()).toBe(2)
    gate.resolve()
    await clock.advance(2_000)
    expect(segments()).toBe(1)
    disk.cutPower(() => 0)
    expect(await (await start()).openPart(trueHeader(NAME))).toMatchObject({ position: 4 })
  })

  it('stops during slow flushes without deleting records that only the journal has flushed', async () => {
    const { disk, clock, start } = aMachine()
    const gate = Promise.withResolvers<void>()
    const slow = slowFlush(disk.fs, /\d\.rec$/, () => (clock.monotonicMs() > 0 ? gate.promise : undefined))
    const store = await start(slow)
    const names = ['recording-1', 'recording-2', 'recording-3', 'recording-4']
    for (const name of names) {
      await store.openPart(trueHeader(name))
      store.append({ recordingId: recordingId.parse(name), part: 1 }, [trueRecord(name, 1, 0)])
    }
    await clock.advance(1_000)
    const stopped = store.stop()
    disk.cutPower(() => 0)
    gate.resolve()
    await stopped.catch(() => undefined)
    const again = await start()
    for (const name of names) expect(await again.openPart(trueHeader(name))).toMatchObject({ position: 1 })
  })

  it('refuses to start on a disk where nothing can be repaired, and loses nothing', async () => {
    const { disk, clock, start } = aMachine({ checkpointEveryMs: 60_000 })
    const store = await start()
    await store.openPart(trueHeader(NAME))
    store.append(ref(), records(0, 20))
    await clock.advance(1_000)
    disk.kill()
    disk.setRoom(0)
    await expect(start()).rejects.toThrow('ENOSPC')
    disk.heal()
    expect(await (await start()).openPart(trueHeader(NAME))).toMatchObject({ position: 20, flushed: 20 })
  })
})

describe('a disk that refuses to flush', () => {
  it('[R3] still has the acknowledged records when the hub died before a part’s flush and power fails later', async () => {
    const { disk, clock, acknowledged, start } = aMachine()
    const store = await start()
    await store.openPart(trueHeader(NAME))
    store.append(ref(), records(0, 20))
    await clock.advance(450)
    expect(acknowledged).toEqual([20])
    // The journal is flushed, the part is written: now its flush is refused, and the system counts it as clean.
    disk.refuse('datasync', 'EIO')
    await clock.advance(300)
    disk.kill()
    disk.heal()
    expect(await (await start()).openPart(trueHeader(NAME))).toMatchObject({ position: 20, flushed: 20 })
    disk.cutPower(() => 0)
    const last = await start()
    expect(await last.openPart(trueHeader(NAME))).toMatchObject({ position: 20 })
    expect(plain(await readAll(last, 20))).toEqual(plain(records(0, 20)))
  })

  it('writes no record to a part’s own file before the journal has it', async () => {
    const { disk, clock, start } = aMachine()
    const store = await start()
    await store.openPart(trueHeader(NAME))
    const size = disk.bytesOf(REC).length
    disk.refuse('datasync', 'EIO')
    store.append(ref(), records(0, 10))
    await clock.advance(3_000)
    expect(disk.bytesOf(REC)).toHaveLength(size)
    expect(plain(await readAll(store, 10))).toEqual(plain(records(0, 10)))
    disk.heal()
    await clock.advance(3_000)
    expect(disk.bytesOf(REC).length).toBeGreaterThan(size)
  })
})

describe('what a start finds', () => {
  const aCall = async (machine: ReturnType<typeof aMachine>, upTo = 20) => {
    const store = await machine.start()
    await store.openPart(trueHeader(NAME))
    store.append(ref(), records(0, upTo))
    await machine.clock.advance(3_000)
    await store.stop()
    return machine.disk.bytesOf(REC)
  }

  it('[R2] truncates a part that ends in the middle of a record, and asks the agent for the rest', async () => {
    const machine = aMachine()
    const whole = await aCall(machine)
    machine.disk.put(REC, whole.subarray(0, whole.length - 7))
    const store = await machine.start()
    expect(await store.openPart(trueHeader(NAME))).toMatchObject({ position: 19 })
    expect(machine.found).toMatchObject([{ kind: 'torn-tail-cut', recordingId: NAME }])
    expect(store.append(ref(), records(19, 21, 20))).toEqual({ ok: true })
    expect(plain(await readAll(store))).toEqual(plain(records(0, 21, 20)))
  })

  it('[R2] keeps an unreadable file aside, and accepts the part from its beginning', async () => {
    const machine = aMachine()
    await aCall(machine)
    machine.disk.put(REC, Buffer.from('%PDF-1.7 this is an invoice, and long enough to be read as a head'))
    const store = await machine.start()
    expect(machine.found).toMatchObject([{ kind: 'part-no-header', recordingId: NAME }])
    expect(machine.disk.files()).toContain(`${REC}.damaged`)
    expect(await store.openPart(trueHeader(NAME))).toMatchObject({ position: 0 })
    store.append(ref(), records(0, 21, 20))
    expect(plain(await readAll(store))).toEqual(plain(records(0, 21, 20)))
  })

  it('refuses to start with another master key, names the file and the remedy, and changes nothing', async () => {
    const machine = aMachine()
    const before = await aCall(machine)
    const start = machine.start(machine.disk.fs, createMasterKey(randomBytes(32)))
    await expect(start).rejects.toThrow(/1\.rec: wrapped by master key .*restore the key file/)
    expect(machine.disk.bytesOf(REC).equals(before)).toBe(true)
  })

  it('ignores foreign files and folders in the recordings folder', async () => {
    const machine = aMachine()
    await aCall(machine)
    for (const stray of [
      '/hub/parts/recording-9',
      '/hub/parts/lost+found/x',
      `/hub/parts/${NAME}/notes.txt`,
      `/hub/parts/${NAME}/x.rec`,
      '/hub/journal/journal-1.log',
      '/hub/journal/readme',
    ])
      machine.disk.put(stray, Buffer.from('not ours'))
    const store = await machine.start()
    expect(store.list().map((one) => one.recordingId)).toEqual([NAME])
  })

  it('keeps an older journal segment aside that is damaged in its middle, and replays the lines before the damage', async () => {
    const machine = aMachine({ checkpointEveryMs: 60_000 })
    const store = await machine.start()
    await store.openPart(trueHeader(NAME))
    for (let n = 0; n < 20; n += 2) {
      store.append(ref(), records(n, n + 2))
      await machine.clock.advance(50)
    }
    machine.disk.kill()
    const [journal] = machine.disk.files().filter((name) => name.startsWith('/hub/journal/'))
    const bytes = machine.disk.bytesOf(journal!)
    bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 4)
    machine.disk.put(journal!, bytes)
    machine.disk.put('/hub/journal/journal-0000000002.log', Buffer.alloc(0))
    const again = await machine.start()
    const opened = await again.openPart(trueHeader(NAME))
    expect(opened).toMatchObject({ ok: true })
    const position = opened.ok ? opened.position : 0
    expect(position).toBeGreaterThan(0)
    expect(position).toBeLessThan(20)
    expect(machine.disk.files()).toContain(`${journal!}.damaged`)
    again.append(ref(), records(position, 21, 20))
    expect(plain(await readAll(again))).toEqual(plain(records(0, 21, 20)))
  })
})

describe('a finished part whose file lost its end', () => {
  const aFinishedCall = async () => {
    const machine = aMachine()
    const store = await machine.start()
    await store.openPart(trueHeader(NAME))
    store.append(ref(), records(0, 21, 20))
    await machine.clock.advance(5_000)
    await store.stop()
    expect(machine.disk.files()).toContain(`/hub/parts/${NAME}/1.end`)
    const bytes = machine.disk.bytesOf(REC)
    machine.disk.put(REC, bytes.subarray(0, bytes.length / 2))
    return machine
  }

  it('[R2] asks the agent again for the lost end of a closed part', async () => {
    const { start, found } = await aFinishedCall()
    const store = await start()
    const opened = await store.openPart(trueHeader(NAME))
    const position = opened.ok ? opened.position : 0
    expect(position).toBeGreaterThan(0)
    expect(position).toBeLessThan(20)
    expect(found.map(({ kind }) => kind)).toContain('part-short')
    store.append(ref(), records(position, 21, 20))
    expect(plain(await readAll(store))).toEqual(plain(records(0, 21, 20)))
    expect(store.state(ID)?.sealed).toBe(true)
  })

  it('reads a shortened closed part up to its last record, ends the reader, and logs the damage', async () => {
    const { start, found } = await aFinishedCall()
    const store = await start()
    const read = await readAll(store)
    expect(plain(read)).toEqual(plain(records(0, read.length)))
    expect(read.length).toBeGreaterThan(0)
    expect(found).toMatchObject([
      { kind: 'part-damaged', detail: `part 1: ${read.length} of 21 records can be read` },
    ])
  })
})
