import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openDurableFile } from '../../src/main/storage/durableFile.ts'
import { aFolder } from '../../testing/sounds.ts'

const schema = z.object({ version: z.literal(1), notes: z.array(z.string()) })
const empty = { version: 1 as const, notes: [] }

function open(place: string) {
  const broken: { keptAs: string; detail: string }[] = []
  return openDurableFile({ path: place, schema, empty, onBroken: (found) => void broken.push(found) }).then(
    (file) => ({ file, broken }),
  )
}

describe('a small value on disk', () => {
  it('is empty at first, and after each save what was saved, for this user only', async () => {
    await using folder = await aFolder()
    const place = path.join(folder.path, 'notes.json')
    const { file } = await open(place)
    expect(file.value).toEqual(empty)
    await file.save({ version: 1, notes: ['one'] })
    expect((await open(place)).file.value.notes).toEqual(['one'])
    expect((await stat(place)).mode & 0o077).toBe(0)
    expect(await readdir(folder.path)).toEqual(['notes.json'])
  })

  it('ends as the newest of many saves that come at once, and each of them resolves', async () => {
    await using folder = await aFolder()
    const place = path.join(folder.path, 'notes.json')
    const { file } = await open(place)
    await Promise.all(Array.from({ length: 50 }, (_, n) => file.save({ version: 1, notes: [`note ${n}`] })))
    expect((await open(place)).file.value.notes).toEqual(['note 49'])
  })

  it.each([
    ['no JSON', 'not { json'],
    ['nothing, as a power cut may leave it', ''],
    ['zeros, as a power cut may leave it', '\0\0\0\0'],
    ['JSON of something else', '{"version":7,"notes":"many"}'],
  ])('that is broken (%s) is kept aside under a name that is told, and a new one begun', async (_, text) => {
    await using folder = await aFolder()
    const place = await folder.file('notes.json', text)
    const { file, broken } = await open(place)
    expect(file.value).toEqual(empty)
    expect(broken).toMatchObject([{ keptAs: `${place}.broken` }])
    expect(broken[0]!.detail).not.toBe('')
    expect(await readFile(`${place}.broken`, 'utf8')).toBe(text)
    await file.save({ version: 1, notes: ['new'] })
    expect((await open(place)).file.value.notes).toEqual(['new'])
  })

  it('is the old or the new one when the process died while saving', async () => {
    await using folder = await aFolder()
    const place = path.join(folder.path, 'notes.json')
    await (await open(place)).file.save({ version: 1, notes: ['old'] })
    await writeFile(`${place}.new`, '{"version":1,"no') // what a kill leaves of the next save
    const { file, broken } = await open(place)
    expect(file.value.notes).toEqual(['old'])
    expect(broken).toEqual([])
    await file.save({ version: 1, notes: ['new'] })
    expect((await open(place)).file.value.notes).toEqual(['new'])
  })

  it('says when it could not be saved, keeps the old file, and saves the newest value the next time', async () => {
    await using folder = await aFolder()
    const home = path.join(folder.path, 'home')
    await mkdir(home)
    const place = path.join(home, 'notes.json')
    const { file } = await open(place)
    await file.save({ version: 1, notes: ['old'] })
    await mkdir(`${place}.new`) // the disk refuses: there is no file to write
    await expect(file.save({ version: 1, notes: ['new'] })).rejects.toThrow('EISDIR')
    expect((await open(place)).file.value.notes).toEqual(['old'])
    await rm(`${place}.new`, { recursive: true })
    await file.save({ ...file.value, notes: [...file.value.notes, 'newer'] })
    expect((await open(place)).file.value.notes).toEqual(['new', 'newer'])
  })

  it('that cannot be read is an error with cause and remedy, and stays where it is', async () => {
    await using folder = await aFolder()
    const place = path.join(folder.path, 'notes.json')
    await mkdir(place)
    await expect(open(place)).rejects.toThrow(`Cannot read ${place}: check its permissions and the disk.`)
  })
})
