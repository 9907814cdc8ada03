import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMasterKey } from '../src/masterKey.ts'
import { createPartFile, openPartFile } from '../src/partFile.ts'
import { rewrapPartFile, rewrapRecordings } from '../src/rewrap.ts'
import type { FileSystem } from '../src/fileSystem.ts'
import { createFakeDisk, seededRandom } from '../testing/fakeDisk.ts'
import { aHeader, aRecord } from '../testing/records.ts'

const [from, to] = [createMasterKey(randomBytes(32)), createMasterKey(randomBytes(32))]
const folder = '/parts/recording-1'
const file = `${folder}/1.rec`

async function aDiskWithAPart() {
  const disk = createFakeDisk()
  await disk.fs.makeFolder(folder)
  const part = await createPartFile({ fs: disk.fs, path: file, masterKey: from }, aHeader())
  await part.write([part.encode(aRecord(0))])
  await part.datasync()
  return disk
}

describe('a change of the master key', () => {
  it('makes the parts readable by the new key only, records untouched, once', async () => {
    const disk = await aDiskWithAPart()
    disk.put(`${folder}/2.rec`, Buffer.from('something else that somebody put here'))
    disk.put('/parts/recording-0.erased', Buffer.alloc(0))
    const outcome = await rewrapRecordings({ fs: disk.fs, folder: '/parts', from, to })
    expect(outcome).toEqual({ rewrapped: 1, refused: [{ path: `${folder}/2.rec`, fault: 'no-header' }] })
    expect(await openPartFile({ fs: disk.fs, path: file, masterKey: from })).toMatchObject({
      fault: 'foreign-key',
    })
    const opened = await openPartFile({ fs: disk.fs, path: file, masterKey: to })
    expect(opened).toMatchObject({ ok: true, part: { position: 1 } })
    if (opened.ok)
      for await (const records of opened.part.read(0))
        expect(records.map(({ payload }) => Buffer.from(payload).toString())).toEqual(['sound 0'])
    expect(await rewrapPartFile({ fs: disk.fs, path: file, from, to })).toBe('already')
  })

  it('loses no part when the power is cut at any of its steps', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(40), fc.integer(), async (steps, seed) => {
        const disk = await aDiskWithAPart()
        await rewrapPartFile({ fs: stoppingAfter(disk.fs, steps), path: file, from, to }).catch(
          () => undefined,
        )
        disk.cutPower(seededRandom(seed))
        await rewrapPartFile({ fs: disk.fs, path: file, from, to })
        expect(await openPartFile({ fs: disk.fs, path: file, masterKey: to })).toMatchObject({
          ok: true,
          part: { position: 1 },
        })
      }),
      { numRuns: 300 },
    )
  })

  it('is completed by the next open with the new key, when it was interrupted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(40), fc.integer(), async (steps, seed) => {
        const disk = await aDiskWithAPart()
        await rewrapPartFile({ fs: stoppingAfter(disk.fs, steps), path: file, from, to }).catch(
          () => undefined,
        )
        disk.cutPower(seededRandom(seed))
        const [old, young] = [
          await openPartFile({ fs: disk.fs, path: file, masterKey: from }),
          await openPartFile({ fs: disk.fs, path: file, masterKey: to }),
        ]
        expect(old.ok || young.ok).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

/** The process dies after so many steps of the disk. */
function stoppingAfter(fs: FileSystem, steps: number): FileSystem {
  let left = steps
  const step = () => {
    left -= 1
    if (left < 0) throw new Error('killed')
  }
  return {
    ...fs,
    async open(path, flags) {
      step()
      const file = await fs.open(path, flags)
      return {
        ...file,
        write: async (...how) => (step(), file.write(...how)),
        sync: async () => (step(), file.sync()),
      }
    },
    syncFolder: async (folder) => (step(), fs.syncFolder(folder)),
    remove: async (path) => (step(), fs.remove(path)),
  }
}
