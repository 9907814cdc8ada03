import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DAY_MS, type LogRecord } from '@3cx-ninja/protocol'
import { nodeFileSystem, type FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { describe, expect, it } from 'vitest'
import { createOpenSound } from '../../agent/src/main/history/openSound.ts'
import type { LocalRecordings } from '../../agent/src/main/history/playedRecording.ts'
import { aPart } from '../../hub/testing/messages.ts'
import { createFakeClock } from '../../protocol/testing/fakeClock.ts'
import { aHeldSite, played, idOf, opened, plain, whyNot, type HeldSite } from './heldSite.ts'

const ID = 'recording-1'
const filesIn = (site: HeldSite) => readdir(site.folder, { recursive: true })
async function firstOf(records: AsyncGenerator<readonly LogRecord[], void>) {
  const next = await records.next()
  return next.done ? [] : next.value
}

describe('playback of a recording that only the hub holds', () => {
  it('a recording that only the hub holds plays as it was sent, over several parts and from any position, and is cached on this PC', async () => {
    await using site = await aHeldSite()
    const [one, two] = [await site.holds(ID, 1_200), await site.holds(ID, 700, { part: 2 })]
    const listener = await site.aListener()
    const recording = await opened(listener, ID)
    expect(recording.parts).toEqual([
      { part: 1, codec: 'opus', samples: 600 * 1_600 },
      { part: 2, codec: 'opus', samples: 350 * 1_600 },
    ])
    expect(plain(await played(recording))).toEqual(plain(one))
    expect(plain(await played(recording, 0, 2))).toEqual(plain(two))
    const late = await played(recording, 50)
    expect(late[0]!.firstSample).toBeLessThan(50 * 16_000)
    expect(plain(late)).toEqual(plain(one.slice(late[0]!.sequence)))
    expect(listener.progress.at(-1)).toBe(1)
    // The copy is complete: the agent sends the hub no further request.
    const before = site.line.passed()
    expect(plain(await played(recording))).toEqual(plain(one))
    expect(site.line.passed()).toBe(before)
  })

  it('playback starts at a late position before the copy has reached it', async () => {
    await using site = await aHeldSite()
    const records = await site.holds(ID, 12_000) // ten minutes
    const listener = await site.aListener()
    site.line.holdAfter(300_000) // the copy stops here
    const recording = await opened(listener, ID)
    const beginning = recording.records(1, 0)
    expect((await firstOf(beginning))[0]!.sequence).toBe(0)
    const jump = recording.records(1, 500 * 16_000)
    const there = await firstOf(jump)
    expect(there.at(-1)!.firstSample).toBeGreaterThan(500 * 16_000)
    expect(listener.progress.at(-1) ?? 0).toBeLessThan(0.5)
    // and playback continues without a seam once the line recovers
    site.line.release()
    const rest = [...there]
    for await (const more of jump) rest.push(...more)
    expect(plain(rest)).toEqual(plain(records.slice(there[0]!.sequence)))
    await beginning.return()
  })

  it('[H3] a copy resumes at its position after repeated cuts of the line', async () => {
    await using site = await aHeldSite()
    const records = await site.holds(ID, 6_000)
    const listener = await site.aListener({ tuning: { tries: 50 } })
    const recording = await opened(listener, ID)
    site.line.cutAfter(150_000)
    expect(plain(await played(recording))).toEqual(plain(records))
    expect(site.line.connections()).toBeGreaterThan(4)
    // Only bytes in flight are requested twice: the whole recording has some 740 KB.
    expect(site.line.passed()).toBeLessThan(1_600_000)
  })

  it('a copy resumes after the bytes that a killed process had already stored', async () => {
    await using site = await aHeldSite()
    const records = await site.holds(ID, 6_000)
    const first = await site.aListener()
    site.line.holdAfter(400_000)
    const playing = (await opened(first, ID)).records(1, 0)
    for (let sequence = 0; sequence < 2_000;) sequence = (await firstOf(playing)).at(-1)!.sequence
    await playing.return()
    await first.copies.stop()
    site.line.release()
    const had = site.line.passed()
    const second = await site.aListener()
    expect(plain(await played(await opened(second, ID)))).toEqual(plain(records))
    expect(site.line.passed() - had).toBeLessThan(500_000)
  })

  it('playback stops with the reason while the hub is away, and works again when it is back', async () => {
    await using site = await aHeldSite()
    const records = await site.holds(ID, 6_000)
    const listener = await site.aListener()
    const recording = await opened(listener, ID)
    site.line.cutAfter(200_000)
    const playing = recording.records(1, 0)
    await firstOf(playing)
    site.line.down()
    const toTheEnd = async () => {
      for await (const _ of playing);
    }
    await expect(toTheEnd()).rejects.toMatchObject({ why: 'hub-away' })
    expect(await whyNot(listener, ID)).toBe('hub-away')
    site.line.cutAfter(Infinity)
    site.line.up()
    const rest = await played(recording, 250)
    expect(rest[0]!.sequence).toBeGreaterThan(4_970)
    expect(plain(rest)).toEqual(plain(records.slice(rest[0]!.sequence)))
  })
})

it('playback continues from the hub, byte for byte the same, when this PC’s copy is deleted during it', async () => {
  await using site = await aHeldSite()
  const records = await site.holds(ID, 3_000)
  const listener = await site.aListener()
  const { header } = aPart(0, { recordingId: idOf(ID), codec: 'opus' })
  let isHere = true
  const local: LocalRecordings = {
    list: () =>
      isHere
        ? [
            {
              recordingId: idOf(ID),
              sealed: false,
              parts: [{ header, position: 3_000, endSample: 0, closed: true }],
            },
          ]
        : [],
    read: async (_, __, from, limit) => (isHere ? records.slice(from, from + limit) : []),
  }
  const open = createOpenSound({
    recordings: local,
    copies: listener.copies,
    createDecoder: () => (payload) => new Int16Array(1_600).fill((payload[0] ?? 0) * 100),
  })
  const bytesOf = async (goesAfter: number) => {
    const sound = await open(idOf(ID), 'fresh')
    if (sound.at === 'gone') throw new Error(sound.why)
    const bytes: Uint8Array[] = []
    for await (const chunk of sound.playback.read(0, sound.playback.bytes)) {
      bytes.push(chunk)
      if (bytes.length === goesAfter) isHere = false
    }
    return { from: sound.from, bytes: Buffer.concat(bytes) }
  }
  const whole = await bytesOf(Infinity)
  const changed = await bytesOf(40)
  const fromHub = await bytesOf(Infinity)
  expect([whole.from, changed.from, fromHub.from]).toEqual(['pc', 'pc', 'hub'])
  expect(changed.bytes.equals(whole.bytes)).toBe(true)
  expect(fromHub.bytes.equals(whole.bytes)).toBe(true)
})

describe('what is erased', () => {
  it('[H7] an erased recording leaves this PC at once, and its playback stops', async () => {
    await using site = await aHeldSite()
    await site.holds(ID, 6_000)
    const listener = await site.aListener()
    const recording = await opened(listener, ID)
    await played(recording, 299)
    const playing = recording.records(1, 0)
    await firstOf(playing)
    const [file] = (await filesIn(site)).filter((name) => name.endsWith('.rec'))
    expect(file).toBe(path.join(ID, '1.rec'))
    await listener.copies.erased(idOf(ID))
    await expect(playing.next()).rejects.toMatchObject({ why: 'erased' })
    expect(await filesIn(site)).toEqual([])
    expect(await whyNot(listener, ID)).toBe('erased')
  })

  it('[H4] a recording erased on the hub leaves this PC when it is opened next', async () => {
    await using site = await aHeldSite()
    await site.holds(ID, 600)
    const listener = await site.aListener()
    await played(await opened(listener, ID))
    site.link.send({ kind: 'recording-erase', recordingId: idOf(ID) })
    await site.link.next('recording-erased')
    expect(await whyNot(listener, ID)).toBe('erased')
    expect(await filesIn(site)).toEqual([])
  })

  it('[H7] a recording erased on the hub while this PC was away leaves it at the next link, opened or not', async () => {
    await using site = await aHeldSite()
    await site.holds(ID, 600)
    await site.holds('recording-2', 600)
    const before = await site.aListener()
    for (const id of [ID, 'recording-2']) await played(await opened(before, id))
    site.link.send({ kind: 'recording-erase', recordingId: idOf(ID) })
    await site.link.next('recording-erased')
    const after = await site.aListener()
    await after.copies.linkUp()
    expect((await filesIn(site)).filter((name) => name.endsWith('.rec'))).toEqual([
      path.join('recording-2', '1.rec'),
    ])
  })

  it('an erasure during a copy ends the copy', async () => {
    await using site = await aHeldSite()
    await site.holds(ID, 12_000)
    const listener = await site.aListener()
    const recording = await opened(listener, ID)
    site.line.holdAfter(300_000)
    const playing = recording.records(1, 0)
    await firstOf(playing)
    await listener.copies.erased(idOf(ID))
    expect(await filesIn(site)).toEqual([])
    site.line.release()
    await expect(playing.next()).rejects.toMatchObject({ why: 'erased' })
    expect(await filesIn(site)).toEqual([])
  })

  it('a revoked agent gets no recording, and its copies are deleted', async () => {
    await using site = await aHeldSite()
    await site.holds(ID, 600)
    const listener = await site.aListener()
    await played(await opened(listener, ID))
    await site.hub.hub.access.revoke(site.agent.id)
    expect(await whyNot(listener, ID)).toBe('hub-refused')
    expect(await filesIn(site)).toEqual([])
  })
})

describe('the copies on this PC', () => {
  it('[H7] copies are encrypted: no byte of the audio is readable in them', async () => {
    await using site = await aHeldSite()
    const records = await site.holds(ID, 600)
    const listener = await site.aListener()
    await played(await opened(listener, ID))
    const bytes = await readFile(path.join(site.folder, ID, '1.rec'))
    expect(bytes.length).toBeGreaterThan(60_000)
    expect(records.some(({ payload }) => bytes.includes(Buffer.from(payload).subarray(0, 16)))).toBe(false)
  })

  it('a new copy evicts the least recently played one, and a recording larger than the cache plays without a copy', async () => {
    await using site = await aHeldSite()
    const size = 80_000 // of 600 records of 100 bytes
    for (const id of [ID, 'recording-2', 'recording-3']) await site.holds(id, 600)
    const large = await site.holds('recording-4', 4_000)
    const clock = createFakeClock()
    const listener = await site.aListener({ clock, tuning: { maxBytes: 2 * size, fillRecords: 300 } })
    for (const id of [ID, 'recording-2', ID, 'recording-3']) {
      await clock.advance(1_000)
      await played(await opened(listener, id))
    }
    expect([...listener.cache.list()].sort()).toEqual([ID, 'recording-3'])
    const recording = await opened(listener, 'recording-4')
    expect(plain(await played(recording))).toEqual(plain(large))
    expect(listener.cache.list()).toEqual(['recording-4'])
    expect((await readFile(path.join(site.folder, 'recording-4', '1.rec'))).length).toBeLessThan(3 * size)
  })

  it('[H7] copies expire after a day, at a start and while the agent runs, and the hub is asked again', async () => {
    await using site = await aHeldSite()
    const records = await site.holds(ID, 600)
    const clock = createFakeClock(Date.now())
    const listener = await site.aListener({ clock })
    const recording = await opened(listener, ID)
    await played(recording)
    for (let hour = 0; hour <= 25; hour++) await clock.advance(DAY_MS / 24)
    await listener.copies.linkUp() // resolves after the sweep
    expect(listener.cache.list()).toEqual([])
    expect(plain(await played(recording))).toEqual(plain(records)) // an open player is not interrupted
    const later = await site.aListener({ clock: createFakeClock(Date.now() + 2 * DAY_MS) })
    expect([later.cache.list(), await filesIn(site)]).toEqual([[], []])
  })

  it('damaged or outdated copies are deleted and fetched again', async () => {
    await using site = await aHeldSite()
    const records = await site.holds(ID, 600)
    await played(await opened(await site.aListener(), ID))
    const file = path.join(site.folder, ID, '1.rec')
    await writeFile(file, Buffer.from('RLG1 nonsense that a full disk left behind'))
    expect(plain(await played(await opened(await site.aListener(), ID)))).toEqual(plain(records))
  })

  it('a copy is abandoned when the disk fills up, without an interruption of the playback', async () => {
    await using site = await aHeldSite()
    const records = await site.holds(ID, 2_000)
    let room = 100_000
    const full: FileSystem = {
      ...nodeFileSystem,
      async open(file, flags) {
        const handle = await nodeFileSystem.open(file, flags)
        const write = handle.write.bind(handle)
        handle.write = (from, offset, length, position) => {
          room -= length
          if (room < 0) return Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }))
          return write(from, offset, length, position)
        }
        return handle
      },
    }
    const listener = await site.aListener({ fs: full })
    const recording = await opened(listener, ID)
    expect(plain(await played(recording))).toEqual(plain(records))
    expect((await filesIn(site)).filter((name) => name.endsWith('.rec'))).toEqual([])
    room = Infinity
    expect(plain(await played(recording))).toEqual(plain(records))
    expect(plain(await played(recording))).toEqual(plain(records))
  })

  it('a copy that the disk damages during playback is skipped', async () => {
    await using site = await aHeldSite()
    const records = await site.holds(ID, 2_000)
    const recording = await opened(await site.aListener(), ID)
    await played(recording)
    const file = path.join(site.folder, ID, '1.rec')
    const bytes = await readFile(file)
    bytes.fill(0xff, 100_000, 100_400)
    await writeFile(file, bytes)
    expect(plain(await played(recording))).toEqual(plain(records))
  })

  it('playback needs no copy: it works on a disk that refuses writes', async () => {
    await using site = await aHeldSite()
    const records = await site.holds(ID, 900)
    const listener = await site.aListener()
    listener.cache.open = () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }))
    expect(plain(await played(await opened(listener, ID)))).toEqual(plain(records))
  })
})

it('without a link the agent sends the hub no request', async () => {
  await using site = await aHeldSite()
  await site.holds(ID, 60)
  const listener = await site.aListener()
  listener.setThere(false)
  expect(await whyNot(listener, ID)).toBe('hub-away')
  expect(site.line.connections()).toBe(0)
})

it('a request for another agent’s call gets the answer for an unknown call', async () => {
  await using site = await aHeldSite()
  await site.holds(ID, 60)
  const listener = await site.aListener()
  Object.assign(site.agent, await site.hub.enroll('agent'))
  expect(await whyNot(listener, ID)).toBe('unknown')
  expect(await whyNot(listener, 'recording-77')).toBe('unknown')
})
