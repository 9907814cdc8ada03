import path from 'node:path'
import { errorCode, listIfFolder, writeAll, type FileSystem } from './fileSystem.ts'
import type { MasterKey } from './masterKey.ts'
import { encodeHead, readHead, type HeadFault } from './partHead.ts'

/** Returns the path of the new head while it replaces the old one; the next open finds it there if the change was interrupted. */
export const headOfRewrap = (partPath: string) => `${partPath}.head`

/** One part, the master key that wraps it now, and the one that must wrap it. */
export interface Rewrap {
  readonly fs: FileSystem
  readonly path: string
  readonly from: MasterKey
  readonly to: MasterKey
}

/**
 * Wraps a part's key by another master key; the records are not changed. Resolves once the new head is flushed, with `already`
 * when it was there before, or with the fault of the old head. Survives a kill at any moment: the new head is flushed beside
 * the file before the old one is overwritten. Nothing else may have the part open for writing.
 */
export async function rewrapPartFile({
  fs,
  path: part,
  from,
  to,
}: Rewrap): Promise<'rewrapped' | 'already' | HeadFault> {
  const spare = headOfRewrap(part)
  const file = await fs.open(part, 'r+')
  try {
    if ((await readHead(file, to)).ok) {
      await fs.remove(spare)
      return 'already'
    }
    const old = await readHead(file, from)
    const torn = !old.ok && (await readSpare(fs, spare, to))
    if (!old.ok && !torn) return old.fault
    const head = old.ok ? encodeHead(old.header, old.key, to) : torn
    if (!head) return 'damaged-header'
    if (old.ok) {
      if (head.length !== old.start) throw new Error(`the new head of ${part} has another length`)
      const beside = await fs.open(spare, 'w+')
      await writeAll(beside, head, 0)
        .then(() => beside.sync())
        .finally(() => beside.close())
      await fs.syncFolder(path.dirname(part))
    }
    await writeAll(file, head, 0)
    await file.sync()
    await fs.remove(spare)
    return 'rewrapped'
  } finally {
    await file.close()
  }
}

async function readSpare(fs: FileSystem, spare: string, to: MasterKey): Promise<Buffer | undefined> {
  const file = await fs.open(spare, 'r').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
  if (!file) return undefined
  try {
    const head = await readHead(file, to)
    return head.ok ? encodeHead(head.header, head.key, to) : undefined
  } finally {
    await file.close()
  }
}

/** Rewraps every part below a folder of recordings (`<recording>/<part>.rec`); resolves with how many, and with those refused. Nothing may write there meanwhile. */
export async function rewrapRecordings(needs: Omit<Rewrap, 'path'> & { readonly folder: string }) {
  const { fs, folder, from, to } = needs
  const refused: { readonly path: string; readonly fault: HeadFault }[] = []
  let rewrapped = 0
  for (const recording of await fs.list(folder)) {
    const names = await listIfFolder(fs, path.join(folder, recording))
    for (const name of names.filter((each) => /^\d+\.rec$/.test(each))) {
      const part = path.join(folder, recording, name)
      const outcome = await rewrapPartFile({ fs, path: part, from, to })
      if (outcome === 'rewrapped') rewrapped += 1
      else if (outcome !== 'already') refused.push({ path: part, fault: outcome })
    }
  }
  return { rewrapped, refused }
}
