import { stat } from 'node:fs/promises'
import path from 'node:path'
import {
  recordingId as recordingIdSchema,
  type Clock,
  type PartHeader,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { createKeyedMutex } from '@3cx-ninja/node-kit/keyedMutex.ts'
import { listIfFolder, nodeFileSystem, type FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { destroyPartFile } from '@3cx-ninja/recording-log/partFile.ts'
import { openCachedPart, type CachedPart, type CachedRecording, type CacheState } from './cachedPart.ts'
import { playbackTuning } from './playbackTuning.ts'

/** Copies of recordings that only the hub still has: encrypted like recordings, few, and for a day at most. */
export interface SoundCache {
  /**
   * Resolves with the copy of a part of which the hub has `position` records, as far as it came here; a copy that does not fit is
   * destroyed first. Rejects when the disk refuses.
   */
  open(header: PartHeader, position: number): Promise<CachedPart>
  list(): readonly RecordingId[]
  /** Marks the recording as listened to, so that it is evicted later than others. */
  used(recordingId: RecordingId): void
  /** Evicts the copies used longest ago until there is room. Resolves with false when this recording alone fills the cache. */
  makeRoom(recordingId: RecordingId): Promise<boolean>
  /** Destroys the keys, then the files. Resolves also when there is no copy. */
  remove(recordingId: RecordingId): Promise<void>
  /** Evicts the copies older than a day. The caller runs it every hour. */
  sweep(): Promise<void>
  stop(): Promise<void>
}

/** Opens the folder of copies after destroying those that are too old or no copies at all. Rejects when the disk refuses. */
export async function openSoundCache(needs: {
  readonly folder: string
  readonly masterKey: MasterKey
  readonly clock: Clock
  readonly fs?: FileSystem
  readonly tuning?: CacheState['tuning']
}): Promise<SoundCache> {
  const cache: CacheState = {
    ...needs,
    fs: needs.fs ?? nodeFileSystem,
    tuning: needs.tuning ?? playbackTuning,
    recordings: new Map(),
    mutex: createKeyedMutex(),
  }
  await cache.fs.makeFolder(cache.folder)
  for (const name of await cache.fs.list(cache.folder)) await load(cache, name)
  await sweep(cache)
  return {
    open: (header, position) =>
      cache.mutex.run(header.recordingId, () => openCachedPart(cache, header, position)),
    list: () => [...cache.recordings.keys()],
    used(recordingId) {
      const cached = cache.recordings.get(recordingId)
      if (cached) cached.usedMs = cache.clock.nowMs()
    },
    makeRoom: (recordingId) => makeRoom(cache, recordingId),
    remove: (recordingId) => remove(cache, recordingId),
    sweep: () => sweep(cache),
    async stop() {
      for (const { files } of cache.recordings.values()) for (const file of files.values()) await file.close()
    },
  }
}

const folderOf = ({ folder }: CacheState, recordingId: RecordingId): string => path.join(folder, recordingId)

async function load(cache: CacheState, name: string): Promise<void> {
  const { fs, recordings } = cache
  const folder = path.join(cache.folder, name)
  const parsed = recordingIdSchema.safeParse(name)
  if (!parsed.success) return destroy(cache, folder)
  let [bytes, bornMs] = [0, Infinity]
  for (const file of await listIfFolder(fs, folder)) {
    const found = await stat(path.join(folder, file))
    bytes += found.size
    bornMs = Math.min(bornMs, found.birthtimeMs || found.mtimeMs)
  }
  recordings.set(parsed.data, { files: new Map(), bytes, bornMs, usedMs: bornMs })
}

async function destroy({ fs }: CacheState, folder: string): Promise<void> {
  for (const name of await listIfFolder(fs, folder).catch(() => []))
    if (/^\d+\.rec$/.test(name)) await destroyPartFile({ fs, path: path.join(folder, name) })
  await fs.remove(folder)
}

function remove(cache: CacheState, recordingId: RecordingId): Promise<void> {
  const cached = cache.recordings.get(recordingId)
  cache.recordings.delete(recordingId) // at once, so that every reader stops
  return cache.mutex.run(recordingId, async () => {
    for (const file of cached?.files.values() ?? []) await file.close()
    await destroy(cache, folderOf(cache, recordingId))
  })
}

async function sweep(cache: CacheState): Promise<void> {
  const isTooOld = ({ bornMs }: CachedRecording) =>
    Math.abs(cache.clock.nowMs() - bornMs) > cache.tuning.maxAgeMs
  for (const [recordingId, cached] of [...cache.recordings])
    if (isTooOld(cached)) await remove(cache, recordingId)
}

async function makeRoom(cache: CacheState, recordingId: RecordingId): Promise<boolean> {
  const others = [...cache.recordings]
    .filter(([id]) => id !== recordingId)
    .sort(([, a], [, b]) => a.usedMs - b.usedMs)
  while (totalBytes(cache) >= cache.tuning.maxBytes) {
    const oldest = others.shift()
    if (!oldest) return false
    await remove(cache, oldest[0])
  }
  return true
}

const totalBytes = ({ recordings }: CacheState) =>
  [...recordings.values()].reduce((sum, cached) => sum + bytesOf(cached), 0)

const bytesOf = ({ bytes, files }: CachedRecording) =>
  bytes + [...files.values()].reduce((sum, file) => sum + file.bytes, 0)
