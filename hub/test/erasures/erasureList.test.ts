import { expect, it } from 'vitest'
import { callId, recordingId } from '@3cx-ninja/protocol'
import { createFakeDisk, seededRandom } from '../../../recording-log/testing/fakeDisk.ts'
import { openErasureList } from '../../src/erasures/erasureList.ts'

const FILE = '/secrets/erasures.jsonl'
const erasureOf = (name: string) => ({
  recordingId: recordingId.parse(name),
  callId: callId.parse(`call-of-${name}`),
  atMs: 1_767_600_000_000,
})

it('the list of erasures has each erasure that was flushed after a power cut, and goes on behind a torn line', async () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const disk = createFakeDisk()
    await disk.fs.makeFolder('/secrets')
    const list = await openErasureList({ fs: disk.fs, file: FILE })
    await list.add(erasureOf('recording-1'))
    await list.done(recordingId.parse('recording-1'))
    await list.add(erasureOf('recording-2'))
    disk.refuse('datasync', 'EIO')
    await expect(list.add(erasureOf('recording-3'))).rejects.toThrow('EIO')
    disk.cutPower(seededRandom(seed))
    disk.heal()
    const again = await openErasureList({ fs: disk.fs, file: FILE })
    const names = again.all().map((one) => one.recordingId)
    expect(names.slice(0, 2), `seed ${seed}`).toEqual(['recording-1', 'recording-2'])
    expect([again.isPending(recordingId.parse('recording-1')), again.isPending(recordingId.parse('recording-2'))]).toEqual([false, true]) // prettier-ignore
    await again.add(erasureOf('recording-4'))
    const last = await openErasureList({ fs: disk.fs, file: FILE })
    expect(last.all().at(-1)?.recordingId, `seed ${seed}`).toBe('recording-4')
  }
})

it('an erasure that found no room in the list is added once there is some', async () => {
  const disk = createFakeDisk()
  await disk.fs.makeFolder('/secrets')
  const list = await openErasureList({ fs: disk.fs, file: FILE })
  disk.setRoom(20)
  await expect(list.add(erasureOf('recording-1'))).rejects.toMatchObject({ code: 'ENOSPC' })
  disk.heal()
  await list.add(erasureOf('recording-1'))
  const again = await openErasureList({ fs: disk.fs, file: FILE })
  expect(again.all()).toEqual([erasureOf('recording-1')])
})
