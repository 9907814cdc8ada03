import path from 'node:path'
import { DAY_MS, recordingId as recordingIdSchema, type Clock, type RecordingId } from '@3cx-ninja/protocol'
import {
  errorCode,
  isDiskFull,
  readUpTo,
  writeAll,
  type FileSystem,
  type LogFile,
} from '@3cx-ninja/recording-log/fileSystem.ts'

/**
 * The recordings that were destroyed on request: ids and times only. One file to which lines are added; all that wait share
 * one flush, so that neither an erasure nor a start costs a file each.
 */
export interface ErasureList {
  has(recordingId: RecordingId): boolean
  /** Returns every listed recording. */
  ids(): Iterable<RecordingId>
  /** Resolves once the recording is listed on the disk. Rejects when the disk refuses; then it is listed in memory only. */
  add(recordingId: RecordingId): Promise<void>
  /** Resolves once what waits is written, or refused, and the file is closed. */
  close(): Promise<void>
}

export interface ErasureListNeeds {
  readonly fs: FileSystem
  readonly file: string
  readonly clock: Pick<Clock, 'nowMs'>
}

/** No agent keeps a copy for so long that was never sent: then its recording can no more arrive. */
export const ERASURE_DAYS = 400

interface State extends ErasureListNeeds {
  readonly listed: Map<RecordingId, number>
  /** Listed in memory only: the disk refused, or its flush has not come. */
  readonly unsaved: Set<RecordingId>
  handle: LogFile
  bytes: number
  waiting: Waiting[]
  writing: Promise<void> | undefined
}

interface Waiting {
  readonly recordingId: RecordingId
  readonly line: string
  resolve(): void
  reject(error: unknown): void
}

const lineOf = (recordingId: RecordingId, atMs: number) => `${atMs} ${recordingId}\n`

/** Opens the list, or creates it; what is older than `ERASURE_DAYS` is dropped, and a torn end is cut. Rejects when the disk refuses. */
export async function openErasureList(needs: ErasureListNeeds): Promise<ErasureList> {
  const { fs, file, clock } = needs
  await fs.makeFolder(path.dirname(file))
  const text = await readText(fs, file)
  const oldestMs = clock.nowMs() - ERASURE_DAYS * DAY_MS
  const { kept, isWhole } = parse(text ?? '', oldestMs)
  const lines = [...kept].map(([id, atMs]) => lineOf(id, atMs)).join('')
  await store(fs, file, lines, text !== undefined && isWhole)
  const state: State = {
    ...needs,
    listed: kept,
    unsaved: new Set(),
    handle: await fs.open(file, 'r+'),
    bytes: lines.length,
    waiting: [],
    writing: undefined,
  }
  return {
    has: (recordingId) => state.listed.has(recordingId),
    ids: () => state.listed.keys(),
    async add(recordingId) {
      if (state.listed.has(recordingId) && !state.unsaved.has(recordingId)) return
      const atMs = clock.nowMs()
      state.listed.set(recordingId, atMs)
      state.unsaved.add(recordingId)
      await new Promise<void>((resolve, reject) => {
        state.waiting.push({ recordingId, line: lineOf(recordingId, atMs), resolve, reject })
        state.writing ??= writeAllWaiting(state).finally(() => (state.writing = undefined))
      })
    },
    async close() {
      await state.writing
      await state.handle.close()
    },
  }
}

async function writeAllWaiting(state: State): Promise<void> {
  while (state.waiting.length > 0) {
    const batch = state.waiting
    state.waiting = []
    const bytes = Buffer.from(batch.map(({ line }) => line).join(''))
    try {
      // Refused bytes are written over by the next lines, at the same offset.
      await writeAll(state.handle, bytes, state.bytes)
      await state.handle.datasync()
      state.bytes += bytes.length
      for (const { recordingId, resolve } of batch) {
        state.unsaved.delete(recordingId)
        resolve()
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}

async function readText(fs: FileSystem, file: string): Promise<string | undefined> {
  const handle = await fs.open(file, 'r').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
  if (!handle) return undefined
  try {
    const { size } = await handle.stat()
    return (await readUpTo(handle, size, 0)).toString('latin1')
  } finally {
    await handle.close()
  }
}

/**
 * Returns the recordings of the list that are not too old, and whether the file is as it should be. A line that is torn, or was
 * never one of ours, counts for nothing: its erasure was not acknowledged.
 */
function parse(
  text: string,
  oldestMs: number,
): { readonly kept: Map<RecordingId, number>; readonly isWhole: boolean } {
  const kept = new Map<RecordingId, number>()
  const lines = text.split('\n')
  let isWhole = lines.pop() === ''
  for (const line of lines) {
    const [atMs = '', id, ...more] = line.split(' ')
    const parsed = recordingIdSchema.safeParse(id)
    if (parsed.success && more.length === 0 && /^\d{1,15}$/.test(atMs) && Number(atMs) >= oldestMs)
      kept.set(parsed.data, Number(atMs))
    else isWhole = false
  }
  return { kept, isWhole }
}

/**
 * Writes the list and flushes it, also where it stands there already: a process that died may have left lines in the system's
 * memory whose flush was refused, and lines after a hole would be lost with it.
 */
async function store(fs: FileSystem, file: string, lines: string, isWhole: boolean): Promise<void> {
  if (isWhole) return overwrite(fs, file, lines)
  try {
    await replace(fs, file, lines)
  } catch (error) {
    if (!isDiskFull(error)) throw error
    await fs.remove(`${file}.new`)
    await overwrite(fs, file, lines) // what is kept is never longer than what stood there
  }
}

async function overwrite(fs: FileSystem, file: string, lines: string): Promise<void> {
  const handle = await fs.open(file, 'r+')
  try {
    await writeAll(handle, Buffer.from(lines), 0)
    await handle.truncate(lines.length)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function replace(fs: FileSystem, file: string, text: string): Promise<void> {
  const handle = await fs.open(`${file}.new`, 'w+')
  try {
    await writeAll(handle, Buffer.from(text), 0)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await fs.rename(`${file}.new`, file)
  await fs.syncFolder(path.dirname(file))
}
