import { open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { z, type ZodType } from 'zod'

export interface DurableFile<Value> {
  readonly value: Value
  /** Takes effect at once; resolves when the newest value would survive a power cut. Rejects with the system's error. */
  save(value: Value): Promise<void>
}

export interface DurableFileNeeds<Value> {
  readonly path: string
  readonly schema: ZodType<Value>
  readonly empty: Value
  /** A file that is none of ours is put aside under this name; when this throws, it stays. */
  readonly onBroken: (found: { readonly keptAs: string; readonly detail: string }) => void
  /** Keeps it from the eyes of others; `open` throws when it is none of ours. */
  readonly seal?: { readonly close: (text: string) => string; readonly open: (text: string) => string }
}

/**
 * A small value on disk as one JSON file: written beside, flushed, renamed over, so that a crash leaves the old or the new
 * one. Saves that come while one is under way are written together.
 */
export async function openDurableFile<Value>(needs: DurableFileNeeds<Value>): Promise<DurableFile<Value>> {
  let { value } = await read(needs)
  let writing: Promise<void> | undefined
  let queued: Promise<void> | undefined
  const close = needs.seal?.close ?? ((text: string) => text)

  const run = () => {
    writing = writeDurably(needs.path, close(JSON.stringify(value))).finally(() => (writing = undefined))
    return writing
  }

  return {
    get value() {
      return value
    },
    save(next) {
      value = next
      if (!writing) return run()
      queued ??= writing
        .catch(() => undefined) // whoever asked for it was told
        .then(() => {
          queued = undefined
          return run()
        })
      return queued
    },
  }
}

/** Replaces a file, for this user only: written beside, flushed, renamed over. Rejects with the system's error, the old one stays then. */
export async function writeDurably(target: string, content: string | Uint8Array): Promise<void> {
  const draft = `${target}.new`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(content)
    await file.datasync()
  } finally {
    await file.close()
  }
  await rename(draft, target)
  await syncFolder(path.dirname(target))
}

async function read<Value>(needs: DurableFileNeeds<Value>): Promise<{ readonly value: Value }> {
  let text: string
  try {
    text = await readFile(needs.path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { value: needs.empty }
    throw new Error(`Cannot read ${needs.path}: check its permissions and the disk.`, { cause: error })
  }
  const parsed = needs.schema.safeParse(parseJson(text, needs.seal?.open))
  if (parsed.success) return { value: parsed.data }
  const keptAs = `${needs.path}.broken`
  needs.onBroken({ keptAs, detail: z.prettifyError(parsed.error).slice(0, 400) })
  await rename(needs.path, keptAs)
  return { value: needs.empty }
}

function parseJson(text: string, open: (text: string) => string = (plain) => plain): unknown {
  try {
    return JSON.parse(open(text))
  } catch {
    return undefined // told as broken by the schema
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return // NTFS journals names, and a folder cannot be opened there
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
