import path from 'node:path'
import type { RecordingId } from '@3cx-ninja/protocol'
import { errorCode, listIfFolder, type FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { destroyPartFile, openPartFile } from '@3cx-ninja/recording-log/partFile.ts'
import type { PartState } from './recordingWriter.ts'

/** One repair of a start, for one line of the log. */
export interface Repaired {
  readonly what: string
  readonly recordingId: string
  readonly detail: string
}

const UNREADABLE = ['part-foreign-key', 'part-damaged-header', 'part-no-header']

/** Returns what a person must know of a repair: a recording that this PC has and cannot read; undefined where nothing is lost. */
export function unreadable({ what, recordingId, detail }: Repaired): Error | undefined {
  if (!UNREADABLE.includes(what)) return undefined
  return new Error(
    `A recording on this PC cannot be read and is left as it is (${recordingId}, ${detail}): tell your IT department.`,
  )
}

export interface RecordingParts {
  readonly parts: Map<number, PartState>
  /** Part numbers up to this one are used, also by parts that cannot be read: the hub may have them. */
  lastNumber: number
}

export interface LoadNeeds {
  readonly fs: FileSystem
  readonly folder: string
  readonly masterKey: MasterKey
  readonly onRepaired: (found: Repaired) => void
  /** Parts begun later than this (wall clock) are written again: the disk may have refused the last run's flushes. */
  readonly suspectSinceMs: number
}

export const partPath = (folder: string, recordingId: RecordingId, part: number) =>
  path.join(folder, recordingId, `${part}.rec`)

/** Repairs every part of a recording that a crash left and resolves with the parts. None of them is ever continued. Rejects when the disk fails. */
export async function loadRecording(needs: LoadNeeds, recordingId: RecordingId): Promise<RecordingParts> {
  const { fs, folder, masterKey, onRepaired } = needs
  const recording: RecordingParts = { parts: new Map(), lastNumber: 0 }
  for (const name of await listIfFolder(fs, path.join(folder, recordingId))) {
    const part = Number(/^(\d+)\.rec$/.exec(name)?.[1] ?? Number.NaN)
    if (!Number.isInteger(part)) continue
    const file = partPath(folder, recordingId, part)
    const opened = await openPartFile({ fs, path: file, masterKey })
    if (!opened.ok) {
      onRepaired({ what: `part-${opened.fault}`, recordingId, detail: `part ${part}: ${opened.detail}` })
      // Nothing was ever written into an unfinished part, so the hub never received it; others stay as they are.
      if (opened.fault === 'unfinished') await fs.remove(file)
      else recording.lastNumber = Math.max(recording.lastNumber, part)
      continue
    }
    if (opened.truncated) {
      const kept = opened.truncated.keptIn ? `, kept in ${opened.truncated.keptIn}` : ''
      onRepaired({
        what: 'torn-tail-cut',
        recordingId,
        detail: `${opened.truncated.bytes} bytes of part ${part}${kept}`,
      })
    }
    if (opened.part.header.startedAtMs > needs.suspectSinceMs) opened.part.markUnflushed(0)
    await opened.part.datasync() // a killed process may have left records that only the system's memory holds
    await opened.part.close()
    recording.parts.set(part, { file: opened.part, written: opened.part.position, closed: true })
    recording.lastNumber = Math.max(recording.lastNumber, part)
  }
  return recording
}

const markOf = (folder: string, recordingId: RecordingId) => path.join(folder, `${recordingId}.removing`)
/** Returns the recording that the name of a removal mark contains, as text; undefined for any other name. */
export const markedForRemoval = (name: string) => /^(.+)\.removing$/.exec(name)?.[1]

/** Marks the recording, destroys the keys, then the files. A removal that is cut short is finished at the next start. Rejects when the disk refuses. */
export async function destroyRecording(
  { fs, folder }: Pick<LoadNeeds, 'fs' | 'folder'>,
  recordingId: RecordingId,
): Promise<void> {
  const recordingFolder = path.join(folder, recordingId)
  const mark = markOf(folder, recordingId)
  // Without the mark (full disk) a removal that is cut short leaves some parts: the next request removes them.
  const marked = await fs.open(mark, 'w+').catch(() => undefined)
  await marked?.close()
  if (marked) await fs.syncFolder(folder)
  const names = await fs.list(recordingFolder).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  })
  for (const name of names)
    if (/^\d+\.rec/.test(name)) await destroyPartFile({ fs, path: path.join(recordingFolder, name) })
  await fs.remove(recordingFolder)
  await fs.remove(mark)
  await fs.syncFolder(folder)
}
