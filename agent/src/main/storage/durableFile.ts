import { copyFile, open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { z, type ZodType } from 'zod'

export interface DurableFile<Value> {
  readonly value: Value
  /** Changes the value at once. Resolves when the newest value survives a power cut; rejects with the system's error. */
  save(value: Value): Promise<void>
}

export interface DurableFileNeeds<Value> {
  readonly path: string
  readonly schema: ZodType<Value>
  readonly empty: Value
  /** Receives the name under which a damaged file is put aside; when this throws, the file stays. */
  readonly onBroken: (found: { readonly keptAs: string; readonly detail: string }) => void
  /** Returns what can still be read of a damaged value, without the items that cannot; undefined: nothing. */
  readonly salvage?: (value: unknown) => Value | undefined
  /** Encrypts the file; `open` throws for a text that `close` did not write. */
  readonly seal?: { readonly close: (text: string) => string; readonly open: (text: string) => string }
}

/**
 * Opens a small value on disk as one JSON file: written under a draft name, flushed, and renamed, so that a crash leaves the old or
 * the new one. Saves during a write are combined into the next. Rejects when the file exists but cannot be read.
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
        .catch(() => undefined) // the caller of that save received its failure
        .then(() => {
          queued = undefined
          return run()
        })
      return queued
    },
  }
}

/** Replaces a file, readable by this user only: written under a draft name, flushed, renamed. Rejects with the system's error, and the old file stays then. */
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
  const content = parseJson(text, needs.seal?.open)
  const parsed = needs.schema.safeParse(content)
  if (parsed.success) return { value: parsed.data }
  const keptAs = `${needs.path}.broken`
  needs.onBroken({ keptAs, detail: z.prettifyError(parsed.error).slice(0, 400) })
  const salvaged = needs.salvage?.(content)
  if (salvaged !== undefined) {
    await copyFile(needs.path, keptAs)
    return { value: salvaged }
  }
  await rename(needs.path, keptAs)
  return { value: needs.empty }
}

function parseJson(text: string, open: (text: string) => string = (plain) => plain): unknown {
  try {
    return JSON.parse(open(text))
  } catch {
    return undefined // the schema reports it as broken
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

/** Returns the items of a stored list that their schema accepts; none of a value that is no list. For `salvage`. */
export function readableItems<Schema extends ZodType>(schema: Schema, values: unknown): z.output<Schema>[] {
  return Array.isArray(values) ? values.flatMap((value) => schema.safeParse(value).data ?? []) : []
}
