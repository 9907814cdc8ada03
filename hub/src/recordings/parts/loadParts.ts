import path from 'node:path'
import {
  recordingId as recordingIdSchema,
  type Clock,
  type RecordingId,
  type StoredPartHeader,
} from '@3cx-ninja/protocol'
import { errorCode, listIfFolder, type FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { createPartFile, openPartFile } from '@3cx-ninja/recording-log/partFile.ts'
import type { PartRef } from '../recordingState.ts'
import type { Shares } from '../shares.ts'
import { createOpenPart, type OpenPart } from './openPart.ts'
import { readPartEnd } from './partEnd.ts'
import type { PartIndex } from './partIndex.ts'
import type { StoredPart } from './partStates.ts'

/** One finding of the recovery, for the log: `part-…`, `torn-tail-cut`, `journal-replayed`, `journal-damaged`. */
export interface RecoveryFinding {
  readonly kind: string
  readonly recordingId?: string
  readonly detail: string
}

/** Where the parts' own files lie, and what is needed to open them. */
export interface PartFolder {
  readonly folder: string
  readonly fs: FileSystem
  readonly masterKey: MasterKey
  readonly clock: Clock
  readonly onRecovered: (found: RecoveryFinding) => void
  /** Count the bytes that wait in memory, by agent. */
  readonly shares: Pick<Shares, 'counterOf'>
}

/** Recordings loaded together at a start: the disk's threads are kept busy, and no more files are open than this. */
const LOADED_AT_ONCE = 32

/** Returns what recording-log needs to find a part's own file. */
export const partPlace = ({ fs, masterKey, folder }: PartFolder, ref: PartRef) => ({
  fs,
  masterKey,
  path: path.join(folder, ref.recordingId, `${ref.part}.rec`),
})

/** Returns the path of the file that marks a closed part. */
export const endPath = ({ folder }: PartFolder, ref: PartRef) =>
  path.join(folder, ref.recordingId, `${ref.part}.end`)

/** Fills the index from the folder; repairs what a crash left. Rejects when a file was written under another master key. */
export async function loadParts(files: PartFolder, index: PartIndex): Promise<void> {
  const names = await files.fs.list(files.folder)
  const found = names.flatMap((name) => recordingIdSchema.safeParse(name).data ?? [])
  for (let first = 0; first < found.length; first += LOADED_AT_ONCE) {
    const batch = found.slice(first, first + LOADED_AT_ONCE)
    const loaded = await Promise.all(batch.map((recordingId) => loadRecording(files, recordingId)))
    for (const [offset, recordingId] of batch.entries())
      for (const part of loaded[offset] ?? []) index.put(recordingId, part)
  }
}

async function loadRecording(files: PartFolder, recordingId: RecordingId): Promise<readonly StoredPart[]> {
  const names = await listIfFolder(files.fs, path.join(files.folder, recordingId))
  const parts: StoredPart[] = []
  for (const name of names) {
    const number = /^(\d+)\.rec$/.exec(name)?.[1]
    if (!number) continue
    const ref = { recordingId, part: Number(number) }
    const end = names.includes(`${number}.end`) ? await readPartEnd(files.fs, endPath(files, ref)) : undefined
    const part = end ? { header: end.header, closed: end } : await loadOpenPart(files, ref)
    if (part) parts.push(part)
  }
  return parts
}

/**
 * Opens a part that was not closed, and truncates its torn tail. Resolves with undefined for an unreadable part, whose file
 * is removed or kept aside: then the agent is asked for the part from its beginning. Rejects for another master key.
 */
export async function loadOpenPart(files: PartFolder, ref: PartRef): Promise<StoredPart | undefined> {
  const { fs, clock, onRecovered, shares } = files
  const { recordingId } = ref
  const location = partPlace(files, ref)
  const opened = await openPartFile(location)
  if (opened.ok) {
    if (opened.truncated) {
      const kept = opened.truncated.keptIn ? `, kept in ${opened.truncated.keptIn}` : ''
      const detail = `${opened.truncated.bytes} bytes of part ${ref.part}${kept}`
      onRecovered({ kind: 'torn-tail-cut', recordingId, detail })
    }
    const file = opened.part
    const unwritten = shares.counterOf(file.header.agentId)
    const open = createOpenPart({ file, touchedMs: clock.monotonicMs(), dirty: true, unwritten })
    return { header: file.header, open }
  }
  const { fault, detail } = opened
  if (fault === 'foreign-key') throw new Error(`${location.path}: ${detail}`) // or agents would fill a second copy next to it
  onRecovered({ kind: `part-${fault}`, recordingId, detail: `part ${ref.part}: ${detail}` })
  if (fault === 'unfinished') await fs.remove(location.path)
  else await fs.rename(location.path, `${location.path}.damaged`) // the agent is asked for it again from its beginning
  return undefined
}

/** Creates the file of a new part. Resolves once the file's name and header are durable; rejects when the disk refuses. */
export async function createPart(files: PartFolder, header: StoredPartHeader): Promise<OpenPart> {
  const { fs, folder, clock, shares } = files
  await fs.makeFolder(path.join(folder, header.recordingId))
  await fs.syncFolder(folder)
  const location = partPlace(files, header)
  const file = await createPartFile(location, header).catch(async (error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error
    await fs.remove(location.path) // left by a creation that the disk refused half-way: it is not in the index, so nothing is in it
    return createPartFile(location, header)
  })
  const unwritten = shares.counterOf(header.agentId)
  return createOpenPart({ file, touchedMs: clock.monotonicMs(), dirty: false, unwritten })
}

/**
 * Returns the part as it is stored, after this repair: a closed part whose file lost some of its end (a disk that lied, a
 * copy cut short) becomes open again, and the agent, which keeps it until it is safe, is asked for the rest. Checked when
 * the agent opens the part, not for each part at every start.
 */
export async function reopenTruncated(
  files: PartFolder,
  index: PartIndex,
  ref: PartRef,
): Promise<StoredPart | undefined> {
  const { fs, onRecovered } = files
  const stored = index.part(ref)
  if (!stored?.closed || stored.open) return stored
  const { bytes } = stored.closed
  const file = await fs.open(partPlace(files, ref).path, 'r').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
  const size = file ? (await file.stat().finally(() => file.close())).size : 0
  if (size >= bytes) return stored
  const { recordingId } = ref
  onRecovered({ kind: 'part-short', recordingId, detail: `part ${ref.part}: ${size} of ${bytes} bytes` })
  const reopened = file && (await loadOpenPart(files, ref))
  await fs.remove(endPath(files, ref))
  if (reopened) index.put(recordingId, reopened)
  else index.removePart(ref)
  return reopened
}
