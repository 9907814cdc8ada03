import { stat } from 'node:fs/promises'
import path from 'node:path'
import {
  recordingId as recordingIdSchema,
  type Clock,
  type LogRecord,
  type PartHeader,
  type RecordingId,
} from '@3cx-ninja/protocol'
import {
  errorCode,
  listIfFolder,
  nodeFileSystem,
  type FileSystem,
} from '@3cx-ninja/recording-log/fileSystem.ts'
import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import {
  createPartFile,
  destroyPartFile,
  openPartFile,
  type PartFile,
  type PartReader,
} from '@3cx-ninja/recording-log/partFile.ts'
import { playbackTuning } from './playbackTuning.ts'

/** A part of the hub's, as far as it came here. */
export interface CachedPart extends Pick<PartReader, 'read' | 'sequenceAt'> {
  /** Records in the file. */
  readonly position: number
  readonly endSample: number
  /** It was thrown away: to make room, for its age, or because nobody may hear it any more. */
  isGone(): boolean
  /** The next records. Rejects when the disk refuses, when they are not the next, and once the recording is removed. */
  append(records: readonly LogRecord[]): Promise<void>
  /** All of it is here: its file is let go of. */
  finish(): Promise<void>
}

/** Copies of what the hub gave to be heard again: encrypted as recordings are, few, and not for long. */
export interface SoundCache {
  /** What is here of the part, which `position` records of the hub's follow; a copy that does not fit is thrown away. Rejects when the disk refuses. */
  open(header: PartHeader, position: number): Promise<CachedPart>
  list(): readonly RecordingId[]
  /** Somebody listens to it: it goes later than others. */
  used(recordingId: RecordingId): void
  /** Room for more of this one; the ones used longest ago go for it. */
  makeRoom(recordingId: RecordingId): Promise<boolean>
  /** Destroys the keys, then the files. Safe when there is none. */
  remove(recordingId: RecordingId): Promise<void>
  /** What is too old goes. To be called every hour. */
  sweep(): Promise<void>
  stop(): Promise<void>
}

interface CachedRecording {
  readonly files: Map<number, PartFile>
  /** Bytes of files of an earlier start. */
  bytes: number
  /** Wall-clock time of its beginning: from then on it ages, used or not. */
  readonly bornMs: number
  usedMs: number
}

/** Opens the folder of copies; what is too old, or no copy at all, is destroyed first. */
export async function openSoundCache(needs: {
  readonly folder: string
  readonly masterKey: MasterKey
  readonly clock: Clock
  readonly fs?: FileSystem
  readonly tuning?: Pick<typeof playbackTuning, 'maxBytes' | 'maxAgeMs'>
}): Promise<SoundCache> {
  const { folder, masterKey, clock, fs = nodeFileSystem, tuning = playbackTuning } = needs
  const recordings = new Map<RecordingId, CachedRecording>()
  const folderOf = (recordingId: RecordingId) => path.join(folder, recordingId)
  const partFileOf = (recordingId: RecordingId, part: number) => ({
    fs,
    masterKey,
    path: path.join(folderOf(recordingId), `${part}.rec`),
  })
  const bytesOf = ({ bytes, files }: CachedRecording) =>
    bytes + [...files.values()].reduce((sum, file) => sum + file.bytes, 0)
  const allBytes = () => [...recordings.values()].reduce((sum, each) => sum + bytesOf(each), 0)

  const destroy = async (home: string) => {
    for (const name of await listIfFolder(fs, home).catch(() => []))
      if (/^\d+\.rec$/.test(name)) await destroyPartFile({ fs, path: path.join(home, name) })
    await fs.remove(home)
  }
  /** Opening and destroying one recording, one after the other: else one would find half of what the other does. */
  const turns = new Map<RecordingId, Promise<unknown>>()
  const inTurn = <Value>(recordingId: RecordingId, work: () => Promise<Value>): Promise<Value> => {
    const done = (turns.get(recordingId) ?? Promise.resolve()).then(work)
    const settled: Promise<unknown> = done
      .catch(() => undefined)
      .then(() => {
        if (turns.get(recordingId) === settled) turns.delete(recordingId)
      })
    turns.set(recordingId, settled)
    return done
  }
  const remove = (recordingId: RecordingId): Promise<void> => {
    const cached = recordings.get(recordingId)
    recordings.delete(recordingId) // at once, so that nobody reads on
    return inTurn(recordingId, async () => {
      for (const file of cached?.files.values() ?? []) await file.close()
      await destroy(folderOf(recordingId))
    })
  }
  const isTooOld = ({ bornMs }: CachedRecording) => Math.abs(clock.nowMs() - bornMs) > tuning.maxAgeMs
  const sweep = async () => {
    for (const [recordingId, each] of [...recordings]) if (isTooOld(each)) await remove(recordingId)
  }
  const load = async (name: string) => {
    const home = path.join(folder, name)
    const parsed = recordingIdSchema.safeParse(name)
    if (!parsed.success) return destroy(home)
    let [bytes, bornMs] = [0, Infinity]
    for (const file of await listIfFolder(fs, home)) {
      const found = await stat(path.join(home, file))
      bytes += found.size
      bornMs = Math.min(bornMs, found.birthtimeMs || found.mtimeMs)
    }
    recordings.set(parsed.data, { files: new Map(), bytes, bornMs, usedMs: bornMs })
  }

  await fs.makeFolder(folder)
  for (const name of await fs.list(folder)) await load(name)
  await sweep()

  const openFile = async (
    cached: CachedRecording,
    header: PartHeader,
    position: number,
  ): Promise<PartFile> => {
    const file = partFileOf(header.recordingId, header.part)
    const size = await stat(file.path).then(
      (found) => found.size,
      () => 0,
    )
    const opened = await openPartFile(file).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return undefined
      throw error
    })
    cached.bytes = Math.max(0, cached.bytes - size) // counted by its file from here on
    if (opened?.ok) {
      const { part } = opened
      if (part.position <= position && JSON.stringify(part.header) === JSON.stringify(header)) return part
      await part.close()
    }
    if (opened) await destroyPartFile(file) // another recording's, or damaged: the hub has it whole
    await fs.makeFolder(folderOf(header.recordingId))
    return createPartFile(file, header)
  }

  const openPart = async (header: PartHeader, position: number): Promise<CachedPart> => {
    const { recordingId, part } = header
    const cached: CachedRecording = recordings.get(recordingId) ?? {
      files: new Map(),
      bytes: 0,
      bornMs: clock.nowMs(),
      usedMs: 0,
    }
    recordings.set(recordingId, cached)
    cached.usedMs = clock.nowMs()
    const file = cached.files.get(part) ?? (await openFile(cached, header, position))
    let isBroken = false
    const isGone = () => isBroken || recordings.get(recordingId) !== cached
    if (isGone()) {
      await file.close() // whoever removed it waits for its turn to destroy it
      throw new Error('the copy was removed')
    }
    cached.files.set(part, file)
    /** The file itself counts what is still on its way to the disk. */
    const durable = () => ({ position: file.position, endSample: file.endSample })
    let written = durable()
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
          // It counts more than it holds: the disk is full, and this copy is the first that can be spared.
          isBroken = true
          cached.files.delete(part)
          await file.close()
          const broken = partFileOf(recordingId, part)
          await destroyPartFile(broken).catch(() => fs.remove(broken.path)) // a disk so full that it takes no zeroes
          throw error
        })
        written = durable()
      },
      finish: () => file.close(),
    }
  }

  return {
    open: (header, position) => inTurn(header.recordingId, () => openPart(header, position)),
    list: () => [...recordings.keys()],
    used(recordingId) {
      const cached = recordings.get(recordingId)
      if (cached) cached.usedMs = clock.nowMs()
    },
    async makeRoom(recordingId) {
      const others = [...recordings]
        .filter(([id]) => id !== recordingId)
        .sort(([, a], [, b]) => a.usedMs - b.usedMs)
      while (allBytes() >= tuning.maxBytes) {
        const oldest = others.shift()
        if (!oldest) return false
        await remove(oldest[0])
      }
      return true
    },
    remove,
    sweep,
    async stop() {
      for (const { files } of recordings.values()) for (const file of files.values()) await file.close()
    },
  }
}
