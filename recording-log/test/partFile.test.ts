import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogRecord } from '@3cx-ninja/protocol'
import type { FileSystem } from '../src/fileSystem.ts'
import { createMasterKey } from '../src/masterKey.ts'
import {
  createPartFile,
  destroyPartFile,
  openPartFile,
  readPartFile,
  type PartFile,
  type PartReader,
} from '../src/partFile.ts'
import { createFakeDisk, seededRandom, type FakeDisk } from '../testing/fakeDisk.ts'
import { aHeader, anyRecords, aRecord, plain } from '../testing/records.ts'

const masterKey = createMasterKey(randomBytes(32))
const file = '/parts/1.rec'

async function aDisk(): Promise<FakeDisk> {
  const disk = createFakeDisk()
  await disk.fs.makeFolder('/parts')
  return disk
}
const locationOn = (disk: FakeDisk, key = masterKey) => ({ fs: disk.fs, path: file, masterKey: key })
async function write(part: PartFile, records: readonly LogRecord[]) {
  await part.write(records.map((record) => part.encode(record)))
}
async function open(disk: FakeDisk): Promise<PartFile> {
  const opened = await openPartFile(locationOn(disk))
  if (!opened.ok) throw new Error(opened.detail)
  return opened.part
}
async function readAll(part: PartReader, from = 0): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = []
  for await (const batch of part.read(from)) records.push(...batch)
  return records
}

describe('a part file', () => {
  it('reads the written records from any sequence on, after reopening too', async () => {
    await fc.assert(
      fc.asyncProperty(anyRecords(0, 200), fc.nat(210), async (records, from) => {
        const disk = await aDisk()
        const part = await createPartFile(locationOn(disk), aHeader())
        await write(part, records)
        const expected = plain(records.slice(from))
        expect(plain(await readAll(part, from))).toEqual(expected)
        const again = await open(disk)
        expect(plain(await readAll(again, from))).toEqual(expected)
        expect(again.position).toBe(records.length)
        expect(again.sealed).toBe(records.some(({ kind }) => kind === 'sealed'))
        expect([again.endSample, again.bytes]).toEqual([part.endSample, part.bytes])
      }),
      { numRuns: 40 },
    )
  })

  it('refuses a record that is not the next one', async () => {
    const part = await createPartFile(locationOn(await aDisk()), aHeader())
    part.encode(aRecord(0))
    expect(() => part.encode(aRecord(0))).toThrow('record 0 where 1 is next')
    expect(() => part.encode(aRecord(2))).toThrow('record 2 where 1 is next')
  })

  it('stores no audio in clear, and no two records under one nonce', async () => {
    const disk = await aDisk()
    const part = await createPartFile(locationOn(disk), aHeader())
    const entries = Array.from({ length: 2_000 }, (_, n) => part.encode(aRecord(n)))
    await part.write(entries)
    expect(disk.bytesOf(file).includes('sound')).toBe(false)
    expect(new Set(entries.map((entry) => entry.toString('hex', 20, 32))).size).toBe(2_000)
  })

  it('holds, after a cut at any byte, exactly the records that were whole', async () => {
    const disk = await aDisk()
    const part = await createPartFile(locationOn(disk), aHeader())
    const start = part.bytes
    const ends = Array.from({ length: 12 }, (_, n) => {
      part.encode(aRecord(n))
      return part.bytes
    })
    const whole = await createPartFile({ ...locationOn(disk), path: '/parts/2.rec' }, aHeader())
    await write(
      whole,
      Array.from({ length: 12 }, (_, n) => aRecord(n)),
    )
    const bytes = disk.bytesOf('/parts/2.rec')
    for (let length = start; length <= bytes.length; length++) {
      disk.put(file, Buffer.from(bytes.subarray(0, length)))
      const cut = await open(disk)
      const held = ends.filter((end) => end <= length).length
      expect(cut.position).toBe(held)
      expect(disk.bytesOf(file).length).toBe(ends[held - 1] ?? start)
      await write(cut, [aRecord(held, { payload: Buffer.from('again') })])
      expect(plain(await readAll(await open(disk))).at(-1)).toEqual(
        plain([aRecord(held, { payload: Buffer.from('again') })])[0],
      )
    }
  })

  it('gives only true records, or a named cause, whichever bit is flipped', async () => {
    const disk = await aDisk()
    const records = Array.from({ length: 8 }, (_, n) => aRecord(n))
    await write(await createPartFile(locationOn(disk), aHeader()), records)
    const bytes = disk.bytesOf(file)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
        const damaged = Buffer.from(bytes)
        damaged[bit >> 3]! ^= 1 << (bit & 7)
        disk.put(file, damaged)
        const opened = await openPartFile(locationOn(disk))
        if (!opened.ok) return ['no-header', 'damaged-header', 'foreign-key'].includes(opened.fault)
        const held = await readAll(opened.part)
        expect(plain(held)).toEqual(plain(records.slice(0, held.length)))
        return opened.part.position === held.length
      }),
      { numRuns: 400 },
    )
  })

  it('reads a part whose stored head length is damaged, and never reports it as unfinished', async () => {
    const disk = await aDisk()
    await write(await createPartFile(locationOn(disk), aHeader()), [aRecord(0)])
    const bytes = disk.bytesOf(file)
    for (let bit = 18; bit < 32; bit++) {
      disk.put(file, damage(bytes, 4 + (bit >> 3), 1 << (7 - (bit & 7))))
      expect(plain(await readAll(await open(disk)))).toEqual(plain([aRecord(0)]))
    }
  })

  it.each([
    ['an empty file', () => Buffer.alloc(0), 'unfinished'],
    [
      'a head of zeros, as a power cut leaves it',
      (bytes: Buffer) => Buffer.alloc(bytes.length),
      'unfinished',
    ],
    ['half a head', (bytes: Buffer) => bytes.subarray(0, 100), 'unfinished'],
    ['a sound file', () => Buffer.from('RIFF....WAVEfmt and so on, for some bytes'), 'no-header'],
    ['a head of impossible length', (bytes: Buffer) => damage(bytes, 4, 0xff), 'damaged-header'],
    ['a head with another text', (bytes: Buffer) => damage(bytes, 40, 0x21), 'damaged-header'],
  ])('names %s as such', async (_, spoil, fault) => {
    const disk = await aDisk()
    await write(await createPartFile(locationOn(disk), aHeader()), [aRecord(0)])
    disk.put(file, spoil(disk.bytesOf(file)))
    expect(await openPartFile(locationOn(disk))).toMatchObject({ ok: false, fault })
  })

  it('names a foreign master key and the remedy, and changes nothing', async () => {
    const disk = await aDisk()
    await write(await createPartFile(locationOn(disk), aHeader()), [aRecord(0)])
    const before = disk.bytesOf(file)
    const opened = await openPartFile(locationOn(disk, createMasterKey(randomBytes(32))))
    expect(opened).toMatchObject({ ok: false, fault: 'foreign-key' })
    expect(!opened.ok && opened.detail).toContain('restore the key file')
    expect(disk.bytesOf(file)).toEqual(before)
  })

  it('refuses records that belong to another recording or part, though the key is the same', async () => {
    const disk = await aDisk()
    const part = await createPartFile(locationOn(disk), aHeader())
    const other = await createPartFile({ ...locationOn(disk), path: '/parts/2.rec' }, aHeader({ part: 2 }))
    await part.write([other.encode(aRecord(0))])
    await expect(readAll(await open(disk))).rejects.toThrow()
  })

  it('keeps the tail after damage in the middle beside the file, and truncates a torn record silently', async () => {
    const disk = await aDisk()
    const part = await createPartFile(locationOn(disk), aHeader())
    const start = part.bytes
    await write(
      part,
      Array.from({ length: 40 }, (_, n) => aRecord(n, { payload: Buffer.alloc(1_000, n) })),
    )
    disk.put(file, damage(disk.bytesOf(file), start + 2_000, 0xff))
    const opened = await openPartFile(locationOn(disk))
    expect(opened).toMatchObject({ ok: true, part: { position: 1 }, truncated: { keptIn: `${file}.1.cut` } })
    expect(disk.bytesOf(`${file}.1.cut`).length).toBe(opened.ok && opened.truncated?.bytes)
    disk.put(file, disk.bytesOf(file).subarray(0, -5))
    expect(await openPartFile(locationOn(disk))).toMatchObject({ ok: true, part: { position: 0 } })
    expect(disk.files()).toEqual([file, `${file}.1.cut`])
  })

  it('holds after a power cut at least what was flushed, and nothing that was never written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('write', 'flush'), { maxLength: 30 }),
        fc.integer(),
        async (steps, seed) => {
          const disk = await aDisk()
          await disk.fs.syncFolder('/')
          const part = await createPartFile(locationOn(disk), aHeader())
          let flushed = 0
          for (const step of steps) {
            if (step === 'write') await write(part, [aRecord(part.position), aRecord(part.position + 1)])
            else await part.datasync().then(() => (flushed = part.position))
          }
          disk.cutPower(seededRandom(seed))
          const held = await readAll(await open(disk))
          expect(held.length).toBeGreaterThanOrEqual(flushed)
          expect(plain(held)).toEqual(plain(held.map((_, n) => aRecord(n))))
        },
      ),
    )
  })

  it('writes again what a refused flush left unflushed', async () => {
    const disk = await aDisk()
    const part = await createPartFile(locationOn(disk), aHeader())
    await write(part, [aRecord(0), aRecord(1)])
    disk.refuse('datasync', 'EIO')
    await expect(part.datasync()).rejects.toThrow('EIO')
    disk.heal()
    await write(part, [aRecord(2)])
    await part.datasync()
    disk.cutPower(() => 0)
    expect((await open(disk)).position).toBe(3)
  })

  it('writes a range again that is marked unflushed after another process died, also a long one', async () => {
    const disk = await aDisk()
    const part = await createPartFile(locationOn(disk), aHeader())
    const long = Array.from({ length: 400 }, (_, n) => aRecord(n, { payload: Buffer.alloc(3_200, n) }))
    await write(part, long)
    disk.refuse('datasync', 'EIO')
    await expect(part.datasync()).rejects.toThrow('EIO')
    disk.kill()
    disk.heal()
    const found = await open(disk)
    found.markUnflushed(0)
    await found.datasync()
    disk.cutPower(() => 0)
    expect(plain(await readAll(await open(disk)))).toEqual(plain(long))
  })

  it('keeps every record at its offset when a flush is requested during another one', async () => {
    const disk = await aDisk()
    // Reading takes longer than flushing, as on a busy disk.
    const openSlowly: FileSystem['open'] = async (name, flags) => {
      const handle = await disk.fs.open(name, flags)
      return {
        ...handle,
        async read(...wanted) {
          await new Promise<void>((resolve) => setImmediate(resolve))
          return handle.read(...wanted)
        },
      }
    }
    const location = { ...locationOn(disk), fs: { ...disk.fs, open: openSlowly } }
    const part = await createPartFile(location, aHeader())
    await write(part, [aRecord(0), aRecord(1)])
    const flushes = [part.datasync(), part.datasync()]
    await write(part, [aRecord(2)])
    await part.close()
    await Promise.all(flushes)
    expect(plain(await readAll(await open(disk)))).toEqual(plain([0, 1, 2].map((n) => aRecord(n))))
  })

  it('accepts the same entries again after a full disk stored half of them', async () => {
    const disk = await aDisk()
    const part = await createPartFile(locationOn(disk), aHeader())
    const entries = [0, 1, 2].map((n) => part.encode(aRecord(n)))
    disk.setRoom(60)
    await expect(part.write(entries)).rejects.toMatchObject({ code: 'ENOSPC' })
    disk.heal()
    await part.write(entries)
    expect(plain(await readAll(await open(disk)))).toEqual(plain([0, 1, 2].map((n) => aRecord(n))))
  })

  it('finds a moment without decrypting, and reads on while the part is closed', async () => {
    const disk = await aDisk()
    const part = await createPartFile(locationOn(disk), aHeader())
    await write(
      part,
      Array.from({ length: 300 }, (_, n) => aRecord(n)),
    )
    expect(await part.sequenceAt(0)).toBe(1)
    expect(await part.sequenceAt(1_600 * 100)).toBe(201)
    expect(await part.sequenceAt(1_600 * 100 + 5)).toBe(201)
    const reading = part.read(0)
    await reading.next()
    await part.close()
    await part.close()
    expect((await readAll(part, 299)).length).toBe(1)
    const reader = await readPartFile(locationOn(disk))
    expect(reader.ok && plain(await readAll(reader.part, 298))).toEqual(plain([aRecord(298), aRecord(299)]))
  })

  it('leaves nothing that can be decrypted after its destruction, also an interrupted one', async () => {
    const disk = await aDisk()
    await write(await createPartFile(locationOn(disk), aHeader()), [aRecord(0)])
    disk.refuse('remove', 'EIO')
    await expect(destroyPartFile(locationOn(disk))).rejects.toThrow('EIO')
    expect(await openPartFile(locationOn(disk))).toMatchObject({ ok: false, fault: 'unfinished' })
    disk.heal()
    await destroyPartFile(locationOn(disk))
    await destroyPartFile(locationOn(disk))
    expect(disk.files()).toEqual([])
  })
})

function damage(bytes: Buffer, at: number, mask: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at]! ^= mask
  return copy
}
