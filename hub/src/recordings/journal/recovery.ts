import { partNumber, recordingId } from '@3cx-ninja/protocol'
import { readEntry, type EntryHead } from '@3cx-ninja/recording-log/recordCipher.ts'
import type { FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { RecoveryFinding } from '../parts/loadParts.ts'
import type { OpenPart } from '../parts/openPart.ts'
import type { PartStore } from '../parts/partStore.ts'
import { readSegment, segmentPath, type JournalLine } from './journalLine.ts'

export interface ReplayNeeds {
  readonly fs: FileSystem
  readonly folder: string
  readonly segments: readonly number[]
  readonly parts: Pick<PartStore, 'openPart' | 'openParts'>
  readonly onRecovered: (found: RecoveryFinding) => void
}

/**
 * Writes what only the journal holds to the parts' own files, then deletes the journal. Idempotent: an entry that a file
 * already holds is skipped, so a crash between writing and deleting doubles nothing. Resolves once all is flushed; rejects
 * when the disk refuses, and then the journal is still there. A segment damaged in its middle is kept aside.
 */
export async function replayJournal(needs: ReplayNeeds): Promise<void> {
  const { fs, folder, parts, segments, onRecovered } = needs
  const owners = new Set<OpenPart>()
  const damaged: number[] = []
  let replayed = 0
  for (const segment of segments) {
    const lines = readSegment(fs, folder, segment)
    let next = await lines.next()
    for (; !next.done; next = await lines.next()) if (replayLine(parts, next.value, owners)) replayed += 1
    // A segment was whole when the next one was begun: only the newest may have a torn tail.
    if (next.value > 0 && segment !== segments.at(-1)) damaged.push(segment)
    for (const part of parts.openParts()) await part.write()
  }
  for (const part of parts.openParts()) await part.flush()
  if (replayed > 0) onRecovered({ kind: 'journal-replayed', detail: `${replayed} records` })
  for (const segment of segments) {
    const file = segmentPath(folder, segment)
    if (!damaged.includes(segment)) await fs.remove(file)
    else {
      await fs.rename(file, `${file}.damaged`)
      onRecovered({ kind: 'journal-damaged', detail: `kept in ${file}.damaged` })
    }
  }
}

/** Adds the line's record to its part; returns false for a record that the part's file already has, or that is not its own. */
function replayLine(parts: ReplayNeeds['parts'], line: JournalLine, owners: Set<OpenPart>): boolean {
  const part = partOf(parts, line.reference)
  const bytes = Buffer.from(line.entry)
  const entry = readEntry(bytes, 0)
  if (!part || !entry || entry.sequence > part.file.position) return false
  const isFirst = !owners.has(part)
  if (!isOwn(part, entry, owners)) return false
  // The file may hold the record in the system's memory only, and the system may think that it is on the disk.
  if (isFirst && entry.sequence < part.file.position) part.file.markUnflushed(entry.sequence)
  if (entry.sequence < part.file.position) return false
  part.file.restore(entry)
  part.add(bytes)
  part.journaled = part.file.position
  return true
}

function partOf(parts: ReplayNeeds['parts'], reference: string): OpenPart | undefined {
  const [id, number] = reference.split('/')
  const parsedId = recordingId.safeParse(id)
  const parsedPart = partNumber.safeParse(Number(number))
  if (!parsedId.success || !parsedPart.success) return undefined
  return parts.openPart({ recordingId: parsedId.data, part: parsedPart.data })
}

/**
 * Returns whether the entry was encrypted with the part's key. A part removed and opened again has a new key; entries of the
 * old one must not come into it. Old entries stand before new ones, so once one entry is the part's own, all after it are.
 */
function isOwn(part: OpenPart, entry: EntryHead, owners: Set<OpenPart>): boolean {
  if (!owners.has(part)) {
    if (!part.file.owns(entry)) return false
    owners.add(part)
  }
  return true
}
