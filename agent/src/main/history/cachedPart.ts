import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { Clock, LogRecord, PartHeader, RecordingId } from '@3cx-ninja/protocol'
import { errorCode, type FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import {
  createPartFile,
  destroyPartFile,
  openPartFile,
  type PartFile,
  type PartReader,
} from '@3cx-ninja/recording-log/partFile.ts'
import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import type { KeyedMutex } from '@3cx-ninja/node-kit/keyedMutex.ts'
import type { playbackTuning } from './playbackTuning.ts'

export interface CachedRecording {
  readonly files: Map<number, PartFile>
  /** Bytes of files of an earlier start. */
  bytes: number
  /** Wall-clock time at which the copy was begun: the copy ages from then on, used or not. */
  readonly bornMs: number
  usedMs: number
}

/** The state of the cache: a copy is listed from its first opened part until it is removed or evicted. */
export interface CacheState {
  readonly folder: string
  readonly masterKey: MasterKey
  readonly clock: Clock
  readonly fs: FileSystem
  readonly tuning: Pick<typeof playbackTuning, 'maxBytes' | 'maxAgeMs'>
  readonly recordings: Map<RecordingId, CachedRecording>
  /** Serializes opening and destroying per recording: one must not find half of what the other does. */
  readonly mutex: KeyedMutex<RecordingId>
}

/** The copy of one part of the hub's recording, as far as it came here. */
export interface CachedPart extends Pick<PartReader, 'read' | 'sequenceAt'> {
  /** Records in the file. */
  readonly position: number
  readonly endSample: number
  /** Returns true once the copy is destroyed: to make room, for its age, or because the recording may not be heard any more. */
  isGone(): boolean
  /** Appends the next records. Rejects when the disk refuses, when they are not the next ones, and once the copy is gone. */
  append(records: readonly LogRecord[]): Promise<void>
  /** Closes the file once the copy is whole. */
  finish(): Promise<void>
}

/** Opens the copy of a part, or begins one. The caller holds the recording's lock. Rejects when the disk refuses. */
export async function openCachedPart(
  cache: CacheState,
  header: PartHeader,
  position: number,
): Promise<CachedPart> {
  const { recordingId, part } = header
  const cached = recordingOf(cache, recordingId)
  const file = cached.files.get(part) ?? (await openFile(cache, cached, header, position))
  let isBroken = false
  const isGone = () => isBroken || cache.recordings.get(recordingId) !== cached
  if (isGone()) {
    await file.close() // the removal waits for the lock, and destroys the file then
    throw new Error('the copy was removed')
  }
  cached.files.set(part, file)
  /** The file itself also counts records that are still on their way to the disk. */
  const onDisk = () => ({ position: file.position, endSample: file.endSample })
  let written = onDisk()
  return {
    get position() {
      return written.position
    },
    get endSample() {
      return written.endSample
    },
    isGone,
    read: (from) => file.read(from),
    sequenceAt: (sample) => file.sequenceAt(sample),
    async append(records) {
      if (isGone()) throw new Error('the copy was removed')
      const entries = records.map((record) => file.encode(record))
      await file.write(entries).catch(async (error: unknown) => {
        if (isGone()) throw new Error('the copy was removed', { cause: error })
        // The file counts more than it holds: the disk is full, and this copy is the first that can be spared.
        isBroken = true
        cached.files.delete(part)
        await file.close()
        const broken = fileOf(cache, recordingId, part)
        await destroyPartFile(broken).catch(() => cache.fs.remove(broken.path)) // a full disk may refuse the zeroes, too
        throw error
      })
      written = onDisk()
    },
    finish: () => file.close(),
  }
}

const fileOf = ({ fs, masterKey, folder }: CacheState, recordingId: RecordingId, part: number) => ({
  fs,
  masterKey,
  path: path.join(folder, recordingId, `${part}.rec`),
})

function recordingOf({ recordings, clock }: CacheState, recordingId: RecordingId): CachedRecording {
  const nowMs = clock.nowMs()
  const cached = recordings.get(recordingId) ?? { files: new Map(), bytes: 0, bornMs: nowMs, usedMs: 0 }
  recordings.set(recordingId, cached)
  cached.usedMs = nowMs
  return cached
}

async function openFile(
  cache: CacheState,
  cached: CachedRecording,
  header: PartHeader,
  position: number,
): Promise<PartFile> {
  const file = fileOf(cache, header.recordingId, header.part)
  const size = await stat(file.path).then(
    (found) => found.size,
    () => 0,
  )
  const opened = await openPartFile(file).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
  cached.bytes = Math.max(0, cached.bytes - size) // from here on the open file counts itself
  if (opened?.ok) {
    const { part } = opened
    if (part.position <= position && JSON.stringify(part.header) === JSON.stringify(header)) return part
    await part.close()
  }
  if (opened) await destroyPartFile(file) // another recording's file, or a damaged one: the hub has the whole
  await cache.fs.makeFolder(path.dirname(file.path))
  return createPartFile(file, header)
}
