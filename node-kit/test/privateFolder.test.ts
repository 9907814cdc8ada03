import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makePrivateFolder } from '../src/privateFolder.ts'

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'private-folder-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
const modeOf = async (entry: string) => ((await stat(entry)).mode & 0o777).toString(8)

describe.skipIf(process.platform === 'win32')('a private folder', () => {
  it('is created for its user only, with every folder above it that did not exist', async () => {
    const folder = path.join(await aFolder(), 'data', 'hub')
    expect(await makePrivateFolder(folder)).toEqual([])
    expect(await modeOf(folder)).toBe('700')
    expect(await modeOf(path.dirname(folder))).toBe('700')
  })

  it('takes the rights of others from a folder and files that stood there before', async () => {
    const folder = await aFolder()
    await chmod(folder, 0o755)
    await writeFile(path.join(folder, 'hub.sqlite'), 'words', { mode: 0o644 })
    await chmod(path.join(folder, 'hub.sqlite'), 0o664)
    await mkdir(path.join(folder, 'recordings'), { mode: 0o755 })
    expect(await makePrivateFolder(folder)).toEqual([])
    expect(await modeOf(folder)).toBe('700')
    expect(await modeOf(path.join(folder, 'hub.sqlite'))).toBe('600')
    expect(await modeOf(path.join(folder, 'recordings'))).toBe('700')
  })

  it('does not follow a link to a file outside', async () => {
    const [folder, outside] = [await aFolder(), await aFolder()]
    const theirs = path.join(outside, 'theirs')
    await writeFile(theirs, 'not ours')
    await chmod(theirs, 0o644)
    await symlink(theirs, path.join(folder, 'link'))
    await makePrivateFolder(folder)
    expect(await modeOf(theirs)).toBe('644')
  })
})
