import { readUpTo, type LogFile } from './fileSystem.ts'
import { MAX_ENTRY_BYTES, readEntry, type EntryHead } from './recordCipher.ts'

const CHUNK_BYTES = 262_144

/** Yields whole entries from byte `start` on, in batches, up to byte `limit` or to the first entry that is torn or damaged. */
export async function* readEntries(
  file: LogFile,
  start: number,
  limit = Infinity,
): AsyncGenerator<readonly EntryHead[]> {
  let at = start
  while (at < limit) {
    const bytes = await readUpTo(file, Math.min(CHUNK_BYTES, limit - at), at)
    const entries: EntryHead[] = []
    let used = 0
    for (let entry = readEntry(bytes, used); entry; entry = readEntry(bytes, used)) {
      entries.push(entry)
      used += entry.length
    }
    if (entries.length === 0) return
    yield entries
    at += used
  }
}

/** Returns whether a truncated tail is more than one torn record: then it may hold whole records, and is worth keeping. */
export function mayHoldRecords(cut: Buffer): boolean {
  return cut.length > MAX_ENTRY_BYTES && cut.some((byte) => byte !== 0)
}
