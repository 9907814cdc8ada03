import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMasterKey, makeMasterKeyFile, readMasterKeyFile } from '../src/masterKey.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'master-key-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('the master key', () => {
  it('is created once, for its owner only, and is read again unchanged', async () => {
    const file = path.join(folder, 'master.key')
    const made = await makeMasterKeyFile(file)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await readMasterKeyFile(file))?.id).toBe(made.id)
    const before = await readFile(file)
    await expect(makeMasterKeyFile(file)).rejects.toMatchObject({ code: 'EEXIST' })
    expect(await readFile(file)).toEqual(before)
    expect(await readdir(folder)).toEqual(['master.key'])
  })

  it('is absent where its file is missing', async () => {
    expect(await readMasterKeyFile(path.join(folder, 'none'))).toBeUndefined()
  })

  it.each(['', 'short', randomBytes(31).toString('base64'), 'x'.repeat(5_000)])(
    'is refused when the file holds none (%#)',
    async (text) => {
      const file = path.join(folder, 'master.key')
      await writeFile(file, text, { mode: 0o600 })
      await expect(readMasterKeyFile(file)).rejects.toThrow('restore it from the backup')
    },
  )

  it('is refused when others may read it', async () => {
    const file = path.join(folder, 'master.key')
    await makeMasterKeyFile(file)
    await chmod(file, 0o644)
    await expect(readMasterKeyFile(file)).rejects.toThrow('set it to 600')
  })

  it('unwraps only what it wrapped, for the same purpose, untouched', () => {
    const key = createMasterKey(randomBytes(32))
    const partKey = randomBytes(32)
    const wrapped = key.wrap(partKey, 'recording-1/1')
    expect(key.unwrap(wrapped, 'recording-1/1')).toEqual(partKey)
    expect(() => key.unwrap(wrapped, 'recording-1/2')).toThrow()
    expect(() => createMasterKey(randomBytes(32)).unwrap(wrapped, 'recording-1/1')).toThrow(
      'restore the key file',
    )
    const box = Buffer.from(wrapped.box, 'base64')
    box[20]! ^= 1
    expect(() => key.unwrap({ ...wrapped, box: box.toString('base64') }, 'recording-1/1')).toThrow()
  })
})
