import path from 'node:path'
import { z } from 'zod'
import { position, storedPartHeader } from '@3cx-ninja/protocol'
import { readUpTo, writeAll, type FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'

/** The file next to a part that is complete and flushed, so that a start need not read the whole part. */
const partEnd = z.object({
  header: storedPartHeader,
  position,
  endSample: z.number(),
  sealed: z.boolean(),
  bytes: z.number(),
})
export type PartEnd = z.infer<typeof partEnd>

const MAX_BYTES = 16_384

/** Resolves with the end, or with undefined when a power cut tore the file: then the part itself is read instead. */
export async function readPartEnd(fs: FileSystem, file: string): Promise<PartEnd | undefined> {
  const handle = await fs.open(file, 'r')
  try {
    const bytes = await readUpTo(handle, MAX_BYTES, 0)
    return partEnd.parse(JSON.parse(bytes.toString('utf8')))
  } catch {
    return undefined
  } finally {
    await handle.close()
  }
}

/** Resolves once the end is durable under its name. Rejects when the disk refuses; an earlier file then stays as it was. */
export async function writePartEnd(fs: FileSystem, file: string, end: PartEnd): Promise<void> {
  const handle = await fs.open(`${file}.new`, 'w+')
  try {
    await writeAll(handle, Buffer.from(JSON.stringify(end)), 0)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await fs.rename(`${file}.new`, file)
  await fs.syncFolder(path.dirname(file))
}
