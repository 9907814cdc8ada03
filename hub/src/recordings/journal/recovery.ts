import { partNumber, recordingId } from '@3cx-ninja/protocol'
import { readEntry, type EntryHead } from '@3cx-ninja/recording-log/recordCipher.ts'
import type { FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { OpenPart } from '../parts/openPart.ts'
import { readSegment, segmentPath } from './journalLine.ts'
import type { PartStore, RecoveryFinding } from '../parts/partStore.ts'
import type { PartRef } from '../recordingState.ts'

/**
 * Puts what only the journal holds into the parts' own files, then deletes it. Idempotent: an entry that a file already
 * holds is passed over, so a crash between moving and deleting doubles nothing.
 */
export async function replayJournal(needs: {
  readonly fs: FileSystem
  readonly folder: string
  readonly segments: readonly number[]
  readonly parts: PartStore
  readonly onRecovered: (found: RecoveryFinding) => void
}): Promise<void> {
  const { fs, folder, parts, segments } = needs
  const own = new Set<OpenPart>()
  const damaged: number[] = []
  let moved = 0
  for (const segment of segments) {
    const lines = readSegment(fs, folder, segment)
    let next = await lines.next()
    for (; !next.done; next = await lines.next()) {
      const growing = growingOf(parts, next.value.reference)
      const bytes = Buffer.from(next.value.entry)
      const entry = readEntry(bytes, 0)
      if (!growing || !entry || entry.sequence > growing.file.position) continue
      const isFirst = !own.has(growing)
      if (!isOwn(growing, entry, own)) continue
      // The file may hold it in the system's memory only, and the system may think that it is on the disk.
      if (isFirst && entry.sequence < growing.file.position) growing.file.doubt(entry.sequence)
      if (entry.sequence < growing.file.position) continue
      growing.file.adopt(entry)
      growing.add(bytes)
      growing.journaled = growing.file.position
      moved += 1
    }
    // A segment was whole when the next one was begun: only the newest may have a torn tail.
    if (next.value > 0 && segment !== segments.at(-1)) damaged.push(segment)
    for (const growing of parts.openParts()) await growing.write()
  }
  for (const growing of parts.openParts()) await growing.flush()
  if (moved > 0) needs.onRecovered({ kind: 'journal-replayed', detail: `${moved} records` })
  for (const segment of segments) {
    const file = segmentPath(folder, segment)
    if (!damaged.includes(segment)) await fs.remove(file)
    else {
      await fs.rename(file, `${file}.damaged`)
      needs.onRecovered({ kind: 'journal-damaged', detail: `kept in ${file}.damaged` })
    }
  }
}

function growingOf(parts: PartStore, reference: string): OpenPart | undefined {
  const [id, number] = reference.split('/')
  const ref = { recordingId: recordingId.safeParse(id), part: partNumber.safeParse(Number(number)) }
  if (!ref.recordingId.success || !ref.part.success) return undefined
  const named: PartRef = { recordingId: ref.recordingId.data, part: ref.part.data }
  return parts.growing(named)
}

/**
 * A part removed and opened anew has a new key; what the journal still has of the old one must not come into it. Old
 * entries stand before new ones, so once one entry is the part's own, all behind it are.
 */
function isOwn(growing: OpenPart, entry: EntryHead, own: Set<OpenPart>): boolean {
  if (!own.has(growing)) {
    if (!growing.file.owns(entry)) return false
    own.add(growing)
  }
  return true
}
