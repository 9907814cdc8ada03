import { randomBytes, randomInt } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { DAY_MS, recordingId } from '@3cx-ninja/protocol'
import { nodeFileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createFakeDisk, seededRandom } from '../../../recording-log/testing/fakeDisk.ts'
import { trueHeader, trueRecord } from '../../../recording-log/testing/trueRecord.ts'
import { ERASURE_DAYS, openErasureList } from '../../src/recordings/parts/erasureList.ts'
import { openRecordingStore } from '../../src/recordings/recordingStore.ts'

const idOf = (n: number) => recordingId.parse(`recording-${String(n).padStart(6, '0')}`)

it('[R18] lists thousands of erasures that come at once with few flushes', async () => {
  const { fs, ...disk } = createFakeDisk()
  await fs.makeFolder('/secrets')
  let flushes = 0
  const counting: typeof fs = {
    ...fs,
    open: async (file, flags) => {
      const handle = await fs.open(file, flags)
      return {
        ...handle,
        datasync: () => {
          flushes += 1
          return handle.datasync()
        },
      }
    },
  }
  const list = await openErasureList({
    fs: counting,
    file: '/secrets/erasures.log',
    clock: createFakeClock(),
  })
  await Promise.all(Array.from({ length: 5_000 }, (_, n) => list.add(idOf(n))))
  expect(flushes).toBeLessThan(20)
  expect(disk.files().filter((file) => file !== '/secrets/erasures.log')).toEqual([])
})

it('[R18] starts within a second above a hundred thousand erasures of recordings that never came', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'erasures-'))
  try {
    const file = path.join(folder, 'erasures.log')
    const now = systemClock.nowMs()
    await writeFile(file, Array.from({ length: 100_000 }, (_, n) => `${now} ${idOf(n)}\n`).join(''))
    const since = process.cpuUsage() // the machine may be busy with other tests
    const store = await openRecordingStore({
      folder: path.join(folder, 'recordings'),
      erasuresFile: file,
      clock: systemClock,
      masterKey: createMasterKey(randomBytes(32)),
    })
    const { user, system } = process.cpuUsage(since)
    expect((user + system) / 1_000).toBeLessThan(1_000)
    expect(store.isErased(idOf(99_999))).toBe(true)
    expect(await store.openPart(trueHeader(idOf(5)))).toEqual({ ok: false, reason: 'erased' })
    await store.stop()
  } finally {
    await rm(folder, { recursive: true })
  }
})

it('[R18] destroys an erased recording again that came back with a copy of the folder', async () => {
  const disk = createFakeDisk()
  const clock = createFakeClock()
  const masterKey = createMasterKey(randomBytes(32))
  await disk.fs.makeFolder('/secrets')
  const start = () =>
    openRecordingStore({
      folder: '/hub',
      erasuresFile: '/secrets/erasures.log',
      ...{ fs: disk.fs, clock, masterKey },
    })
  const store = await start()
  await store.openPart(trueHeader(idOf(1)))
  store.append({ recordingId: idOf(1), part: 1 }, [trueRecord(idOf(1), 1, 0)])
  await clock.advance(2_000)
  const file = `/hub/parts/${idOf(1)}/1.rec`
  const backup = disk.bytesOf(file)
  await store.remove(idOf(1), 'erased')
  await store.stop()
  disk.put(file, backup)
  const again = await start()
  expect(disk.files()).not.toContain(file)
  expect(again.state(idOf(1))).toBeUndefined()
  expect(await again.openPart(trueHeader(idOf(1)))).toEqual({ ok: false, reason: 'erased' })
  await again.stop()
})

it('[R18] drops an erasure once no copy of its recording can arrive any more', async () => {
  const { fs } = createFakeDisk()
  await fs.makeFolder('/secrets')
  const clock = createFakeClock(Date.UTC(2026, 0, 1))
  const file = '/secrets/erasures.log'
  const list = await openErasureList({ fs, file, clock })
  await list.add(idOf(1))
  await clock.advance(10 * DAY_MS)
  await list.add(idOf(2))
  await list.close()
  await clock.advance((ERASURE_DAYS - 5) * DAY_MS)
  const later = await openErasureList({ fs, file, clock })
  expect([...later.ids()]).toEqual([idOf(2)])
  await later.close()
})

const seed = randomInt(1_000_000)
it(`[R18] forgets no acknowledged erasure in random lives with full disks, refused flushes and power cuts (seed ${seed})`, async () => {
  const random = seededRandom(seed)
  const disk = createFakeDisk()
  const clock = createFakeClock(Date.UTC(2026, 0, 1))
  await disk.fs.makeFolder('/secrets')
  await disk.fs.syncFolder('/')
  const acknowledged = new Set<string>()
  let next = 0
  for (let life = 0; life < 30; life += 1) {
    disk.heal()
    const list = await openErasureList({ fs: disk.fs, file: '/secrets/erasures.log', clock })
    for (const id of acknowledged) expect(list.has(recordingId.parse(id))).toBe(true)
    for (let step = 0; step < 20; step += 1) {
      const [chance, id] = [random(), idOf(next)]
      next += 1
      if (chance < 0.1) disk.refuse('datasync', 'EIO')
      else if (chance < 0.2) disk.setRoom(Math.floor(random() * 60))
      else if (chance < 0.4) disk.heal()
      const added = list.add(id).then(
        () => acknowledged.add(id),
        () => undefined,
      )
      if (random() < 0.5) await added
    }
    if (random() < 0.5) disk.cutPower(random)
    else disk.kill()
    await clock.advance(1)
  }
  expect(acknowledged.size).toBeGreaterThan(50)
})

it('uses the real file system for its list as for recordings', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'erasures-'))
  try {
    const needs = { fs: nodeFileSystem, file: path.join(folder, 'erasures.log'), clock: systemClock }
    const list = await openErasureList(needs)
    await Promise.all([list.add(idOf(1)), list.add(idOf(2))])
    await list.close()
    await writeFile(needs.file, ' torn', { flag: 'a' })
    const again = await openErasureList(needs)
    expect([...again.ids()]).toEqual([idOf(1), idOf(2)])
    await again.close()
  } finally {
    await rm(folder, { recursive: true })
  }
})
