import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openDurableFile } from '../../src/main/storage/durableFile.ts'
import { aFolder } from '../../testing/sounds.ts'

const schema = z.object({ version: z.literal(1), notes: z.array(z.string()) })
const empty = { version: 1 as const, notes: [] }

function open(target: string) {
  const broken: { keptAs: string; detail: string }[] = []
  return openDurableFile({ path: target, schema, empty, onBroken: (found) => void broken.push(found) }).then(
    (file) => ({ file, broken }),
  )
}

describe('a small value on disk', () => {
  it('a durable file is empty at first, and holds each saved value, for this user only', async () => {
    await using folder = await aFolder()
    const target = path.join(folder.path, 'notes.json')
    const { file } = await open(target)
    expect(file.value).toEqual(empty)
    await file.save({ version: 1, notes: ['one'] })
    expect((await open(target)).file.value.notes).toEqual(['one'])
    expect((await stat(target)).mode & 0o077).toBe(0)
    expect(await readdir(folder.path)).toEqual(['notes.json'])
  })

  it('a durable file ends as the newest of many saves that come at once, and each save resolves', async () => {
    await using folder = await aFolder()
    const target = path.join(folder.path, 'notes.json')
    const { file } = await open(target)
    await Promise.all(Array.from({ length: 50 }, (_, n) => file.save({ version: 1, notes: [`note ${n}`] })))
    expect((await open(target)).file.value.notes).toEqual(['note 49'])
  })

  it.each([
    ['no JSON', 'not { json'],
    ['nothing, as a power cut may leave it', ''],
    ['zeros, as a power cut may leave it', '\0\0\0\0'],
    ['JSON of something else', '{"version":7,"notes":"many"}'],
  ])(
    'a broken durable file (%s) is moved aside under a reported name, and a new one begun',
    async (_, text) => {
      await using folder = await aFolder()
      const target = await folder.file('notes.json', text)
      const { file, broken } = await open(target)
      expect(file.value).toEqual(empty)
      expect(broken).toMatchObject([{ keptAs: `${target}.broken` }])
      expect(broken[0]!.detail).not.toBe('')
      expect(await readFile(`${target}.broken`, 'utf8')).toBe(text)
      await file.save({ version: 1, notes: ['new'] })
      expect((await open(target)).file.value.notes).toEqual(['new'])
    },
  )

  it('a durable file is the old or the new one when the process died during a save', async () => {
    await using folder = await aFolder()
    const target = path.join(folder.path, 'notes.json')
    await (await open(target)).file.save({ version: 1, notes: ['old'] })
    await writeFile(`${target}.new`, '{"version":1,"no') // the remains of a save after a kill
    const { file, broken } = await open(target)
    expect(file.value.notes).toEqual(['old'])
    expect(broken).toEqual([])
    await file.save({ version: 1, notes: ['new'] })
    expect((await open(target)).file.value.notes).toEqual(['new'])
  })

  it('a durable file that could not be saved rejects, keeps the old file, and saves the newest value the next time', async () => {
    await using folder = await aFolder()
    const home = path.join(folder.path, 'home')
    await mkdir(home)
    const target = path.join(home, 'notes.json')
    const { file } = await open(target)
    await file.save({ version: 1, notes: ['old'] })
    await mkdir(`${target}.new`) // the disk refuses: no file can be written there
    await expect(file.save({ version: 1, notes: ['new'] })).rejects.toThrow('EISDIR')
    expect((await open(target)).file.value.notes).toEqual(['old'])
    await rm(`${target}.new`, { recursive: true })
    await file.save({ ...file.value, notes: [...file.value.notes, 'newer'] })
    expect((await open(target)).file.value.notes).toEqual(['new', 'newer'])
  })

  it('an unreadable durable file is an error with cause and remedy, and stays in its folder', async () => {
    await using folder = await aFolder()
    const target = path.join(folder.path, 'notes.json')
    await mkdir(target)
    await expect(open(target)).rejects.toThrow(`Cannot read ${target}: check its permissions and the disk.`)
  })
})
