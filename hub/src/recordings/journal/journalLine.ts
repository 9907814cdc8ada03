import path from 'node:path'
import { crc32 } from 'node:zlib'
import { readUpTo, type FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'

// One line of the journal, big-endian:
//   u32 length of what follows the checksum · u32 CRC-32 of it · u8 length of the reference · reference (ASCII,
//   'recordingId/part') · one entry as it will stand in the part's own file (encrypted with the part's key)
const PREFIX_BYTES = 8
const MAX_LINE_BYTES = 65_536
const CHUNK_BYTES = 1_048_576

export interface JournalLine {
  readonly reference: string
  readonly entry: Buffer
}

/** Returns the length of the line of this entry. */
export const lineBytes = (reference: string, entry: Buffer) =>
  PREFIX_BYTES + 1 + reference.length + entry.length

/** Writes a line into memory of exactly its length; nothing is allocated. */
export function writeLine(line: Buffer, reference: string, entry: Buffer): void {
  line.writeUInt8(reference.length, PREFIX_BYTES)
  line.write(reference, PREFIX_BYTES + 1, 'latin1')
  line.set(entry, PREFIX_BYTES + 1 + reference.length)
  line.writeUInt32BE(line.length - PREFIX_BYTES, 0)
  line.writeUInt32BE(crc32(line.subarray(PREFIX_BYTES)), 4)
}

/** Returns the path of a segment; the names sort by number. */
export const segmentPath = (folder: string, segment: number) =>
  path.join(folder, `journal-${String(segment).padStart(10, '0')}.log`)

/** Resolves with the numbers of the segments in a folder, oldest first. Rejects when the folder cannot be read. */
export async function listSegments(fs: FileSystem, folder: string): Promise<readonly number[]> {
  const names = await fs.list(folder)
  return names
    .map((name) => /^journal-(\d{10})\.log$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b)
}

/** Yields the whole lines of a segment, in order, up to its torn tail; returns how many bytes that tail has. */
export async function* readSegment(
  fs: FileSystem,
  folder: string,
  segment: number,
): AsyncGenerator<JournalLine, number> {
  const file = await fs.open(segmentPath(folder, segment), 'r')
  try {
    const { size } = await file.stat()
    let at = 0
    while (at < size) {
      const bytes = await readUpTo(file, Math.min(CHUNK_BYTES, size - at), at)
      let used = 0
      for (let line = decodeLine(bytes, used); line; line = decodeLine(bytes, used)) {
        used += line.length
        yield line
      }
      if (used === 0) break
      at += used
    }
    return size - at
  } finally {
    await file.close()
  }
}

function decodeLine(bytes: Buffer, at: number): (JournalLine & { length: number }) | undefined {
  if (at + PREFIX_BYTES > bytes.length) return undefined
  const length = bytes.readUInt32BE(at)
  const start = at + PREFIX_BYTES
  if (length < 2 || length > MAX_LINE_BYTES || start + length > bytes.length) return undefined
  const body = bytes.subarray(start, start + length)
  if (crc32(body) !== bytes.readUInt32BE(at + 4)) return undefined
  const referenceLength = body.readUInt8(0)
  return {
    reference: body.toString('latin1', 1, 1 + referenceLength),
    entry: body.subarray(1 + referenceLength),
    length: PREFIX_BYTES + length,
  }
}
