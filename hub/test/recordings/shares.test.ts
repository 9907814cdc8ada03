import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { agentId, DAY_MS, recordingId, type AgentId, type LogRecord } from '@3cx-ninja/protocol'
import type { FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { createMasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { createFakeClock } from '../../../protocol/testing/fakeClock.ts'
import { createFakeDisk } from '../../../recording-log/testing/fakeDisk.ts'
import { aRecord } from '../../../recording-log/testing/records.ts'
import { trueHeader } from '../../../recording-log/testing/trueRecord.ts'
import type { RecordingLimits } from '../../src/recordings/admission.ts'
import type { DiskFault } from '../../src/recordings/diskFault.ts'
import { reserveOf } from '../../src/recordings/diskReserve.ts'
import type { QuotaUse } from '../../src/recordings/quotas.ts'
import { openRecordingStore } from '../../src/recordings/recordingStore.ts'

const GREEDY = agentId.parse('agent-greedy')
const HONEST = agentId.parse('agent-honest')
const LIMITS: RecordingLimits = {
  recordings: 1_000,
  parts: 1_000,
  bytesPerDay: 1e12,
  reserveBytes: 0,
}
const headerOf = (name: string, agent: AgentId, part = 1) => ({ ...trueHeader(name, part), agentId: agent })
const refOf = (name: string, part = 1) => ({ recordingId: recordingId.parse(name), part })
/** As large as a frame may make them: 64 of 16 KiB are a megabyte. */
const large = (from: number, count: number): readonly LogRecord[] =>
  Array.from({ length: count }, (_, n) => aRecord(from + n, { payload: randomBytes(16_000) }))

async function aStore(limits: Partial<RecordingLimits> = {}, fs?: (disk: FileSystem) => FileSystem) {
  const disk = createFakeDisk()
  const clock = createFakeClock(Date.UTC(2026, 0, 5))
  const faults: DiskFault[] = []
  const crowded: QuotaUse[] = []
  const store = await openRecordingStore({
    folder: '/hub',
    fs: fs ? fs(disk.fs) : disk.fs,
    clock,
    masterKey: createMasterKey(randomBytes(32)),
    limits: () => ({ ...LIMITS, ...limits }),
    onCrowded: (use) => crowded.push(use),
  })
  store.onDiskFault((fault) => faults.push(fault))
  return { store, disk, clock, faults, crowded }
}

describe('the bytes that wait for the disk', () => {
  it('[R17] stops reading one agent at its share, and takes every record of another meanwhile', async () => {
    const { store, clock } = await aStore()
    await store.openPart(headerOf('greedy-01', GREEDY))
    await store.openPart(headerOf('honest-01', HONEST))
    let sent = 0
    let room: Promise<void> | undefined
    while (!room) {
      const outcome = store.append(refOf('greedy-01'), large(sent, 16))
      if (!outcome.ok) throw new Error(outcome.reason)
      sent += 16
      room = outcome.room
    }
    expect(sent * 16_000).toBeLessThan(3e6)
    // What was on its way still comes, and then no more of it.
    let more = 0
    while (store.append(refOf('greedy-01'), large(sent, 16)).ok) {
      sent += 16
      more += 16
    }
    expect(more).toBeGreaterThan(0)
    expect(sent * 16_000).toBeLessThan(5e6)
    for (let n = 0; n < 200; n += 1)
      expect(store.append(refOf('honest-01'), [aRecord(n)])).toEqual({ ok: true })
    let isRead = false
    void room.then(() => (isRead = true))
    await clock.advance(50) // far less than a checkpoint: the writing is hurried
    expect(isRead).toBe(true)
    expect(store.append(refOf('greedy-01'), large(sent, 16)).ok).toBe(true)
    await store.stop()
  })

  it('[R17] takes a live call while fifty agents together wait with all that is allowed, and the disk refuses', async () => {
    const { store, disk, clock } = await aStore()
    const names = Array.from({ length: 50 }, (_, n) => `greedy-${100 + n}`)
    for (const name of names) await store.openPart(headerOf(name, agentId.parse(`agent-of-${name}`)))
    await store.openPart(headerOf('honest-01', HONEST))
    disk.refuse('datasync', 'EIO')
    for (const name of names) {
      let sent = 0
      while (store.append(refOf(name), large(sent, 16)).ok) sent += 16
    }
    for (let n = 0; n < 100; n += 1)
      expect(store.append(refOf('honest-01'), [aRecord(n)])).toEqual({ ok: true })
    disk.heal()
    await clock.advance(5_000)
    expect(await store.openPart(headerOf('honest-01', HONEST))).toMatchObject({ flushed: 100 })
    await store.stop()
  })

  it('[R17] reads everybody on when the disk refuses, and refuses above the share', async () => {
    const { store, disk, clock } = await aStore()
    await store.openPart(headerOf('greedy-01', GREEDY))
    disk.refuse('datasync', 'EIO')
    let sent = 0
    let room: Promise<void> | undefined
    while (!room) {
      const outcome = store.append(refOf('greedy-01'), large(sent, 16))
      if (!outcome.ok) throw new Error(outcome.reason)
      sent += 16
      room = outcome.room
    }
    await clock.advance(100)
    await room
    while (store.append(refOf('greedy-01'), large(sent, 16)).ok) sent += 16
    expect(store.append(refOf('greedy-01'), large(sent, 16))).toMatchObject({ reason: 'disk-full' })
  })
})

describe('the quotas of one agent', () => {
  it('[R17] refuses recordings above the quota of unsealed ones, names it, and takes more once one is sealed', async () => {
    const { store, clock, crowded } = await aStore({ recordings: 5 })
    for (let n = 0; n < 5; n += 1)
      expect(await store.openPart(headerOf(`greedy-0${n}`, GREEDY))).toMatchObject({ ok: true })
    expect(crowded).toMatchObject([{ agentId: GREEDY, kind: 'recordings', used: 4, limit: 5 }])
    expect(store.crowded()).toMatchObject([{ agentId: GREEDY, kind: 'recordings', share: 1 }])
    expect(await store.openPart(headerOf('greedy-09', GREEDY))).toMatchObject({
      reason: 'disk-full',
      detail: expect.stringContaining('5 recordings'),
    })
    expect(await store.openPart(headerOf('honest-01', HONEST))).toMatchObject({ ok: true })
    store.append(refOf('greedy-00'), [aRecord(0, { kind: 'sealed', payload: new Uint8Array() })])
    await clock.advance(100)
    expect(await store.openPart(headerOf('greedy-09', GREEDY))).toMatchObject({ ok: true })
    await store.remove(recordingId.parse('greedy-01'), 'retention')
    expect(await store.openPart(headerOf('greedy-10', GREEDY))).toMatchObject({ ok: true })
    await store.stop()
  })

  it('[R17] counts empty parts of one recording, also those that count as ended', async () => {
    const { store } = await aStore({ parts: 20 })
    for (let part = 1; part <= 20; part += 1)
      expect(await store.openPart(headerOf('greedy-01', GREEDY, part))).toMatchObject({ ok: true })
    expect(await store.openPart(headerOf('greedy-01', GREEDY, 21))).toMatchObject({
      reason: 'disk-full',
      detail: expect.stringContaining('20 parts'),
    })
    await store.stop()
  })

  it('[R17] refuses sound above the bytes of a day, and takes it the next day', async () => {
    const { store, clock } = await aStore({ bytesPerDay: 1e6 })
    await store.openPart(headerOf('greedy-01', GREEDY))
    let sent = 0
    while (store.append(refOf('greedy-01'), large(sent, 4)).ok) sent += 4
    expect(store.append(refOf('greedy-01'), large(sent, 4))).toMatchObject({
      reason: 'disk-full',
      detail: expect.stringContaining('tomorrow'),
    })
    expect(await store.openPart(headerOf('greedy-01', GREEDY))).toMatchObject({ ok: true, position: sent })
    expect(await store.openPart(headerOf('greedy-02', GREEDY))).toMatchObject({ reason: 'disk-full' })
    await clock.advance(DAY_MS)
    expect(store.append(refOf('greedy-01'), large(sent, 4)).ok).toBe(true)
    await store.stop()
  }, 30_000)
})

describe('the reserve of the disk', () => {
  it.each([
    [300e6, 60e6],
    [20 * 1_073_741_824, 1_073_741_824],
    [1e12, 2e10],
  ])('keeps of a disk of %d bytes %d free', (total, reserve) => {
    expect(reserveOf(total)).toBe(reserve)
  })

  it('[R17] refuses sound below it, by what came since the last measure too, and takes it again with room to spare', async () => {
    let freeBytes = 10_000_000
    const { store, clock, faults } = await aStore({ reserveBytes: 5_000_000 }, (fs) => ({
      ...fs,
      freeBytes: () => Promise.resolve(freeBytes),
      totalBytes: () => Promise.resolve(1e9),
    }))
    await store.openPart(headerOf('greedy-01', GREEDY))
    let sent = 0
    while (store.append(refOf('greedy-01'), large(sent, 4)).ok) sent += 4
    expect(sent * 16_000).toBeGreaterThan(1e6)
    expect(sent * 16_000).toBeLessThan(2.6e6)
    expect(faults).toMatchObject([{ kind: 'disk-full', detail: expect.stringContaining('no more sound') }])
    freeBytes = 5_200_000
    await clock.advance(1_000)
    expect(store.append(refOf('greedy-01'), large(sent, 1))).toMatchObject({ reason: 'disk-full' })
    expect(await store.openPart(headerOf('honest-01', HONEST))).toMatchObject({ reason: 'disk-full' })
    freeBytes = 9_000_000
    await clock.advance(1_000)
    expect(faults.at(-1)?.kind).toBe('none')
    expect(store.append(refOf('greedy-01'), large(sent, 1)).ok).toBe(true)
    await store.stop()
  })
})
