import { randomBytes, randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { recordingId } from '@3cx-ninja/protocol'
import type { FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createFakeDisk, seededRandom } from '../../../recording-log/testing/fakeDisk.ts'
import { faultOf, trueHeader, trueRecord } from '../../../recording-log/testing/trueRecord.ts'
import type { DiskFault } from '../../src/recordings/diskFault.ts'
import { openRecordingStore, type RecordingStore } from '../../src/recordings/recordingStore.ts'
import { killStore } from '../../testing/recordings/killRounds.ts'

const HANDLES = 3
const nameOf = (n: number) => `recording-${String(n).padStart(3, '0')}`
const refOf = (name: string) => ({ recordingId: recordingId.parse(name), part: 1 })

/** Counts the handles of parts that are open, and refuses more than `allowed()` of them as the system does. */
function counted(fs: FileSystem, allowed: () => number = () => Infinity) {
  let open = 0
  let most = 0
  const counting: FileSystem = {
    ...fs,
    async open(file, flags) {
      if (file.includes('/journal/')) return fs.open(file, flags)
      if (open >= allowed()) throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' })
      const handle = await fs.open(file, flags)
      open += 1
      most = Math.max(most, open)
      let isOpen = true
      return {
        ...handle,
        async close() {
          await handle.close()
          if (isOpen) open -= 1
          isOpen = false
        },
      }
    },
  }
  return { fs: counting, most: () => most }
}

function aMachine() {
  const disk = createFakeDisk()
  const clock = createFakeClock()
  const masterKey = createMasterKey(randomBytes(32))
  const faults: DiskFault[] = []
  const start = async (fs: FileSystem = disk.fs): Promise<RecordingStore> => {
    const store = await openRecordingStore({
      folder: '/hub',
      ...{ fs, clock, masterKey },
      tuning: {
        checkpointEveryMs: 100,
        segmentMs: 300,
        closeIdleMs: 200,
        openingFaultMs: 200,
        maxPartHandles: HANDLES,
      },
    })
    store.onDiskFault((fault) => faults.push(fault))
    return store
  }
  return { disk, clock, faults, start }
}

describe('the files of parts that do not end', () => {
  it('[R16] keeps no more of them open than the bound, at a start as while it runs, and takes records for each', async () => {
    const { disk, clock, start } = aMachine()
    const first = counted(disk.fs)
    const store = await start(first.fs)
    for (let n = 0; n < 40; n += 1) await store.openPart(trueHeader(nameOf(n)))
    for (let sequence = 0; sequence < 4; sequence += 1) {
      for (let n = 0; n < 40; n += 1)
        expect(store.append(refOf(nameOf(n)), [trueRecord(nameOf(n), 1, sequence)])).toEqual({ ok: true })
      await clock.advance(400)
    }
    expect(first.most()).toBeLessThanOrEqual(HANDLES)
    disk.kill()
    const second = counted(disk.fs)
    const again = await start(second.fs)
    for (let n = 0; n < 40; n += 1)
      expect(await again.openPart(trueHeader(nameOf(n)))).toMatchObject({ position: 4, flushed: 4 })
    expect(second.most()).toBeLessThanOrEqual(HANDLES)
  })

  it('[R16] closes a file of its own for a new part when sockets took the handles, and names handles where none is left', async () => {
    const { disk, clock, faults, start } = aMachine()
    let allowed = Infinity
    const { fs } = counted(disk.fs, () => allowed)
    const store = await start(fs)
    await store.openPart(trueHeader(nameOf(1)))
    allowed = 1
    expect(await store.openPart(trueHeader(nameOf(2)))).toMatchObject({ ok: true })
    allowed = 0
    expect(await store.openPart(trueHeader(nameOf(3)))).toMatchObject({
      reason: 'disk-full',
      detail: expect.stringContaining('no more files'),
    })
    expect(faults).toMatchObject([{ kind: 'handles', remedy: expect.stringContaining('LimitNOFILE') }])
    allowed = Infinity
    expect(await store.openPart(trueHeader(nameOf(3)))).toMatchObject({ ok: true })
    await clock.advance(1_000)
    expect(faults.at(-1)?.kind).toBe('none')
  })

  it('[R3] writes again what a file lost whose flush was refused when its handle had to go', async () => {
    const { disk, clock, start } = aMachine()
    const store = await start()
    for (let n = 0; n < HANDLES; n += 1) await store.openPart(trueHeader(nameOf(n)))
    for (let n = 0; n < HANDLES; n += 1) store.append(refOf(nameOf(n)), [trueRecord(nameOf(n), 1, 0)])
    await clock.advance(150) // written, not flushed in their own files
    disk.refuse('datasync', 'EIO')
    expect(await store.openPart(trueHeader(nameOf(9)))).toEqual({ ok: false, reason: 'disk-full' })
    disk.heal()
    await clock.advance(3_000)
    expect(disk.files().filter((file) => file.startsWith('/hub/journal/'))).toHaveLength(1)
    disk.cutPower(() => 0)
    const again = await start()
    for (let n = 0; n < HANDLES; n += 1)
      expect(await again.openPart(trueHeader(nameOf(n)))).toMatchObject({ position: 1 })
  })

  const seed = randomInt(1_000_000)
  it(`[R3] loses no acknowledged record in random lives with three handles, kills and power cuts (seed ${seed})`, async () => {
    const random = seededRandom(seed)
    const { disk, clock, start } = aMachine()
    const names = Array.from({ length: 12 }, (_, n) => nameOf(n))
    const acknowledged = new Map(names.map((name) => [name, 0]))
    for (let life = 0; life < 12; life += 1) {
      const store = await start()
      store.onFlushed(({ recordingId: id }, position) => acknowledged.set(id, position))
      const sent = new Map<string, number>()
      for (const name of names) {
        const opened = await store.openPart(trueHeader(name))
        if (!opened.ok) throw new Error(opened.reason)
        expect(opened.position).toBeGreaterThanOrEqual(acknowledged.get(name) ?? 0)
        sent.set(name, opened.position)
      }
      for (let step = 0; step < 40; step += 1) {
        const name = names[Math.floor(random() * names.length)] ?? ''
        const from = sent.get(name) ?? 0
        const count = 1 + Math.floor(random() * 5)
        const more = Array.from({ length: count }, (_, n) => trueRecord(name, 1, from + n))
        if (store.append(refOf(name), more).ok) sent.set(name, from + count)
        await clock.advance(Math.floor(random() * 60))
        if (random() < 0.1) expect(await faultsIn(store, name)).toEqual([])
      }
      if (random() < 0.5) disk.cutPower(random)
      else disk.kill()
    }
    expect(Math.max(...acknowledged.values())).toBeGreaterThan(10)
  })

  it(`[R3] loses none through 5 SIGKILLs of a process that has four handles for ten parts (seed ${seed})`, async () => {
    const home = await mkdtemp(path.join(tmpdir(), 'killed-'))
    try {
      const folder = path.join(home, 'data')
      const end = await killStore({ seed, rounds: 5, active: 10, flushes: 300, folder, partHandles: 4 })
      expect(end.faults).toEqual([])
      expect(end.acknowledged).toBeGreaterThan(500)
    } finally {
      await rm(home, { recursive: true })
    }
  })
})

async function faultsIn(store: RecordingStore, name: string): Promise<readonly string[]> {
  const reader = await store.openReader(refOf(name))
  const faults: string[] = []
  let next = 0
  for await (const records of reader?.read(0) ?? [])
    for (const record of records) faults.push(faultOf(record, name, 1, next++) ?? '')
  return faults.filter((fault) => fault !== '')
}
