import { partNumber, recordingId } from '@3cx-ninja/protocol'
import { readEntry } from '@3cx-ninja/recording-log/recordCipher.ts'
import type { FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import { readSegment } from './journal.ts'
import type { Parts, PartsNeeds } from './parts.ts'

/**
 * Puts what only the journal holds into the parts' own files. Idempotent: an entry that a file already holds is passed
 * over, so a crash between moving and deleting doubles nothing.
 */
export async function replayJournal(needs: {
  readonly fs: FileSystem
  readonly folder: string
  readonly segments: readonly number[]
  readonly parts: Parts
  readonly onRecovered: PartsNeeds['onRecovered']
}): Promise<void> {
  const { fs, folder, parts } = needs
  let moved = 0
  for (const segment of needs.segments) {
    for await (const { reference, entry: bytes } of readSegment(fs, folder, segment)) {
      const [id, number] = reference.split('/')
      const ref = { id: recordingId.safeParse(id), part: partNumber.safeParse(Number(number)) }
      const entry = readEntry(bytes, 0)
      if (!ref.id.success || !ref.part.success || !entry) continue
      const growing = parts.growing({ recordingId: ref.id.data, part: ref.part.data })
      if (!growing || entry.sequence !== growing.file.position) continue
      growing.file.adopt(entry)
      growing.pending.push(Buffer.from(bytes))
      moved += 1
    }
    await parts.writePending()
  }
  await parts.flush()
  if (moved > 0) needs.onRecovered({ what: 'journal-replayed', detail: `${moved} records` })
  for (const segment of needs.segments)
    await fs.remove(`${folder}/journal-${String(segment).padStart(10, '0')}.log`)
}
