import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, recordingId, callId, type LogRecord } from '@3cx-ninja/protocol'
import type { FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createFakeDisk } from '../../../recording-log/testing/fakeDisk.ts'
import { trueRecord } from '../../../recording-log/testing/trueRecord.ts'
import { unreadable, type Repaired } from '../../src/main/recordings/loadRecording.ts'
import {
  openRecordings,
  recordingTuning,
  type Recordings,
  type RecordingWriter,
} from '../../src/main/recordings/recordingFile.ts'
import { startUpkeep } from '../../src/main/replication/upkeep.ts'

const NAME = 'recording-1'
const ID = recordingId.parse(NAME)
const FOLDER = '/recordings'
const aCall = (name = NAME) => ({
  recordingId: recordingId.parse(name),
  callId: callId.parse(`call-of-${name}`),
  codec: 'opus' as const,
  extension: '201',
  language: 'fr' as const,
  consent: { basis: 'demonstration' as const, ruleVersion: 1 },
})

/** Returns a PC whose disk can be full, lie, and lose power. */
function aPc() {
  const disk = createFakeDisk()
  const clock = createFakeClock()
  const masterKey = createMasterKey(randomBytes(32))
  const repaired: Repaired[] = []
  const start = (
    tuning: Partial<typeof recordingTuning> = {},
    fs: FileSystem = disk.fs,
  ): Promise<Recordings> =>
    openRecordings({
      folder: FOLDER,
      masterKey,
      clock,
      fs,
      tuning,
      onRepaired: (one) => repaired.push(one),
    })
  return { disk, clock, repaired, start }
}
/** Appends the next `blocks` × 100 ms of both channels. */
const speak = (writer: RecordingWriter, blocks = 1) =>
  writer.append(
    Array.from({ length: blocks * 2 }, (_, n) => {
      const { recordingId: name, part } = writer.header
      const { channel, firstSample, payload } = trueRecord(name, part, writer.position + n)
      return { kind: 'audio' as const, channel, firstSample, payload }
    }),
  )
const readAll = (recordings: Recordings, part = 1) => recordings.read(ID, part, 0, 10_000)
const plain = (all: readonly LogRecord[]) =>
  all.map(({ payload, ...record }) => ({ ...record, payload: Buffer.from(payload).toString('latin1') }))
const spoken = (count: number, part = 1, sealAt?: number) =>
  plain(Array.from({ length: count }, (_, n) => trueRecord(NAME, part, n, sealAt)))
const standOf = (recordings: Recordings) =>
  recordings.list().map(({ sealed, parts }) => ({
    sealed,
    parts: parts.map(({ header, position }) => [header.part, header.previousPosition, position]),
  }))

describe('a full disk on this PC', () => {
  it('a full disk keeps the call in memory, and the call is written whole and in order once there is space', async () => {
    const { disk, start } = aPc()
    const recordings = await start()
    const writer = await recordings.begin(aCall())
    await speak(writer, 5)
    disk.setRoom(200)
    expect(await speak(writer, 5)).toMatchObject({ ok: false, reason: 'disk-full' })
    expect(await speak(writer, 5)).toMatchObject({ ok: false, reason: 'disk-full' })
    expect(plain(await readAll(recordings))).toEqual(spoken(10))
    disk.heal()
    expect(await speak(writer)).toEqual({ ok: true })
    expect(await writer.seal()).toEqual({ ok: true })
    expect(plain(await readAll(recordings))).toEqual(spoken(33, 1, 32))
  })

  it('a full disk lets the call complete later when the seal itself has no space', async () => {
    const { disk, start } = aPc()
    const recordings = await start()
    const writer = await recordings.begin(aCall())
    await speak(writer, 5)
    disk.setRoom(10)
    expect(await writer.seal()).toMatchObject({ ok: false, reason: 'disk-full' })
    expect(standOf(recordings)).toMatchObject([{ sealed: false }])
    disk.heal()
    expect(await writer.seal()).toEqual({ ok: true })
    expect(standOf(recordings)).toEqual([{ sealed: true, parts: [[1, 0, 11]] }])
  })

  it('a recording refuses more when disk and memory are full, reports it, and still ends in order', async () => {
    const { disk, start } = aPc()
    const recordings = await start({ maxWaitingBytes: 2_000 })
    const writer = await recordings.begin(aCall())
    disk.setRoom(0)
    await speak(writer, 5)
    const taken = writer.position
    await speak(writer)
    expect(writer.position).toBe(taken)
    disk.heal()
    expect(await speak(writer)).toMatchObject({ ok: false, reason: 'disk-full' })
    expect(await writer.seal()).toEqual({ ok: true })
    expect(plain(await readAll(recordings))).toEqual(spoken(taken + 1, 1, taken))
  })

  it('a full disk begins no recording, leaves nothing of the attempt, and begins it once there is space', async () => {
    const { disk, start } = aPc()
    const recordings = await start()
    disk.setRoom(50)
    await expect(recordings.begin(aCall())).rejects.toThrow('ENOSPC')
    expect(disk.files()).toEqual([])
    expect(recordings.list()).toEqual([])
    disk.heal()
    expect((await recordings.begin(aCall())).header.part).toBe(1)
  })

  it('a recording killed on a full disk goes on with the next part, and every record reported as written is there', async () => {
    const { disk, start } = aPc()
    const writer = await (await start()).begin(aCall())
    await speak(writer, 5)
    disk.setRoom(300)
    await speak(writer, 5)
    disk.kill()
    disk.heal()
    const recordings = await start()
    expect(plain(await readAll(recordings))).toEqual(spoken(10))
    await speak(await recordings.begin(aCall()), 2)
    expect(standOf(recordings)).toEqual([
      {
        sealed: false,
        parts: [
          [1, 0, 10],
          [2, 10, 4],
        ],
      },
    ])
  })

  it.each([
    [2 * recordingTuning.warnFreeBytes, 'enough'],
    [recordingTuning.warnFreeBytes - 1, 'little'],
    [recordingTuning.minFreeBytes - 1, 'none'],
  ])('a disk with %d bytes free has %s space', async (free, space) => {
    const { disk, start } = aPc()
    const recordings = await start()
    disk.setRoom(free)
    expect(await recordings.space()).toBe(space)
  })
})

describe('a power cut', () => {
  it('a power cut costs at most a second of sound, also in a pause, also after the disk refused to flush', async () => {
    const { disk, clock, start } = aPc()
    const writer = await (await start()).begin(aCall())
    disk.refuse('datasync', 'EIO')
    await speak(writer, 5)
    await clock.advance(1_500)
    disk.heal()
    await clock.advance(1_000) // no sound comes: a pause
    disk.cutPower(() => 0)
    expect(plain(await readAll(await start()))).toEqual(spoken(10))
  })

  it('a power cut loses no record that a start had found, though the last run could not flush it', async () => {
    const { disk, clock, start } = aPc()
    const writer = await (await start()).begin(aCall())
    await speak(writer, 5)
    disk.refuse('datasync', 'EIO')
    await clock.advance(1_500)
    disk.kill()
    disk.heal()
    expect(plain(await readAll(await start()))).toEqual(spoken(10))
    disk.cutPower(() => 0)
    expect(plain(await readAll(await start()))).toEqual(spoken(10))
  })

  it('[R4] a power cut leaves a shorter part, and the next part names its end', async () => {
    const { disk, clock, start } = aPc()
    const writer = await (await start()).begin(aCall())
    await speak(writer, 5)
    await clock.advance(1_500)
    await speak(writer, 5)
    disk.cutPower(() => 0)
    const recordings = await start()
    await recordings.begin(aCall())
    expect(standOf(recordings)).toEqual([
      {
        sealed: false,
        parts: [
          [1, 0, 10],
          [2, 10, 0],
        ],
      },
    ])
  })
})

describe('what a start finds on this PC', () => {
  it('a start truncates a torn record, reports it, and completes a call that is over by a part with only the seal', async () => {
    const { disk, repaired, start } = aPc()
    await speak(await (await start()).begin(aCall()), 5)
    const file = `${FOLDER}/${NAME}/1.rec`
    disk.kill()
    disk.put(file, disk.bytesOf(file).subarray(0, -3))
    const recordings = await start()
    expect(repaired).toMatchObject([{ what: 'torn-tail-cut', recordingId: NAME }])
    expect(unreadable(repaired[0]!)).toBeUndefined()
    await recordings.sealUnfinished(ID)
    await recordings.sealUnfinished(ID)
    expect(standOf(recordings)).toEqual([
      {
        sealed: true,
        parts: [
          [1, 0, 9],
          [2, 9, 1],
        ],
      },
    ])
  })

  it('a start leaves a file that is no recording as it is, reports it, and never uses its number', async () => {
    const { disk, repaired, start } = aPc()
    await speak(await (await start()).begin(aCall()), 5)
    disk.kill()
    const foreign = Buffer.from('not a recording, but somebody put it here and may want it back')
    disk.put(`${FOLDER}/${NAME}/2.rec`, foreign)
    const recordings = await start()
    expect(repaired).toMatchObject([{ what: 'part-no-header', recordingId: NAME }])
    expect(unreadable(repaired[0]!)?.message).toMatch(
      /part 2: not a recording of ours.*tell your IT department/,
    )
    expect((await recordings.begin(aCall())).header.part).toBe(3)
    expect(disk.bytesOf(`${FOLDER}/${NAME}/2.rec`).equals(foreign)).toBe(true)
  })

  it('a start leaves recordings of another key as they are, names the remedy, and does not continue their numbers', async () => {
    const { disk, clock, repaired, start } = aPc()
    await speak(await (await start()).begin(aCall()), 5)
    disk.kill()
    const before = disk.bytesOf(`${FOLDER}/${NAME}/1.rec`)
    const recordings = await openRecordings({
      folder: FOLDER,
      masterKey: createMasterKey(randomBytes(32)),
      clock,
      fs: disk.fs,
      onRepaired: (one) => repaired.push(one),
    })
    expect(unreadable(repaired[0]!)?.message).toMatch(/restore the key file that belongs to this data/)
    expect(recordings.list()).toEqual([])
    expect(disk.bytesOf(`${FOLDER}/${NAME}/1.rec`).equals(before)).toBe(true)
    await expect(recordings.begin(aCall())).resolves.toMatchObject({ header: { part: 2 } })
  })

  it('a start removes a part whose creation was interrupted, and uses its number again', async () => {
    const { disk, repaired, start } = aPc()
    await speak(await (await start()).begin(aCall()), 5)
    disk.kill()
    disk.put(`${FOLDER}/${NAME}/2.rec`, disk.bytesOf(`${FOLDER}/${NAME}/1.rec`).subarray(0, 60))
    const recordings = await start()
    expect(repaired).toMatchObject([{ what: 'part-unfinished' }])
    expect((await recordings.begin(aCall())).header.part).toBe(2)
  })

  it('a start ignores foreign files and folders', async () => {
    const { disk, start } = aPc()
    await speak(await (await start()).begin(aCall()), 5)
    disk.kill()
    for (const stray of ['recording-9', 'lost+found/x', `${NAME}/notes.txt`, `${NAME}/x.rec`])
      disk.put(`${FOLDER}/${stray}`, Buffer.from('not ours'))
    expect((await start()).list().map((one) => one.recordingId)).toEqual([NAME])
  })

  it('a start finishes a removal that a kill interrupted: none of its records can be read', async () => {
    const { disk, start } = aPc()
    const recordings = await start()
    await speak(await recordings.begin(aCall()), 5)
    const before = disk.bytesOf(`${FOLDER}/${NAME}/1.rec`)
    disk.refuse('remove', 'EIO')
    await expect(recordings.remove(ID)).rejects.toThrow('EIO')
    disk.kill()
    disk.heal()
    expect(disk.bytesOf(`${FOLDER}/${NAME}/1.rec`).subarray(0, 100).equals(before.subarray(0, 100))).toBe(
      false,
    )
    expect((await start()).list()).toEqual([])
    expect(disk.files()).toEqual([])
  })
})

describe('a recording that is removed', () => {
  it('a recording removed while it is read gives no more records, and reports no disk failure', async () => {
    const { disk, start } = aPc()
    let letOpen: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (letOpen = resolve))
    const { fs } = disk
    const recordings = await start(
      {},
      {
        ...fs,
        open: (path, flags) => (flags === 'r' ? gate : Promise.resolve()).then(() => fs.open(path, flags)),
      },
    )
    await speak(await recordings.begin(aCall()), 5)
    const reading = readAll(recordings)
    await recordings.remove(ID)
    letOpen()
    expect(await reading).toEqual([])
  })

  it('a recording removed in mid-call writes no later sound anywhere', async () => {
    const { disk, start } = aPc()
    const recordings = await start()
    const writer = await recordings.begin(aCall())
    await speak(writer, 5)
    await recordings.remove(ID)
    expect(await speak(writer)).toMatchObject({ ok: false, reason: 'closed' })
    expect(disk.files()).toEqual([])
  })
})

describe('recordings that wait for a hub out of reach', () => {
  const aBacklog = async (names: readonly string[]) => {
    const pc = aPc()
    const recordings = await pc.start({ quotaBytes: 10_000, maxAgeMs: 30 * DAY_MS, warnAgeMs: 7 * DAY_MS })
    for (const name of names) {
      const writer = await recordings.begin(aCall(name))
      await speak(writer, 5)
      await writer.seal()
      await pc.clock.advance(1_000)
    }
    return { ...pc, recordings }
  }

  it('recordings above the quota are removed, oldest first, but never the call that is on', async () => {
    const { recordings } = await aBacklog(['recording-1', 'recording-2', 'recording-3'])
    const writer = await recordings.begin(aCall('recording-0'))
    const { removed, warnings } = await recordings.keepWithinLimits()
    expect(removed).toEqual(['recording-1'])
    expect(warnings).toMatchObject([{ kind: 'quota' }])
    expect(recordings.list().map((one) => one.recordingId)).toContain(writer.header.recordingId)
  })

  it('recordings that grow too old are announced a week before, and removed then', async () => {
    const { recordings, clock } = await aBacklog(['recording-1'])
    await clock.advance(24 * DAY_MS)
    expect(await recordings.keepWithinLimits()).toEqual({
      removed: [],
      warnings: [{ kind: 'age', recordings: 1, daysLeft: 5 }],
    })
    await clock.advance(6 * DAY_MS)
    expect((await recordings.keepWithinLimits()).removed).toEqual(['recording-1'])
  })

  it('recordings are checked when the agent starts and every hour; the same warning comes once a day, a removal always', async () => {
    const { recordings, clock } = await aBacklog(['recording-1'])
    const warnings: string[] = []
    await clock.advance(24 * DAY_MS)
    const upkeep = startUpkeep({ recordings, clock, onUserError: ({ message }) => warnings.push(message) })
    for (let hour = 0; hour < 24; hour++) await clock.advance(HOUR_MS - 1)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('connect this PC to the hub')
    for (let day = 0; day < 7; day++) for (let hour = 0; hour < 24; hour++) await clock.advance(HOUR_MS)
    expect(warnings.at(-1)).toContain('1 recording(s) that the hub never received')
    expect(recordings.list()).toEqual([])
    await upkeep.stop()
    expect(clock.pending).toBe(0)
  })
})
