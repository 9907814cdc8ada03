import path from 'node:path'
import {
  recordingId as recordingIdSchema,
  type Clock,
  type PartHeader,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { errorCode, listIfFolder, type FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import {
  createPartFile,
  openPartFile,
  readPartFile,
  type PartReader,
} from '@3cx-ninja/recording-log/partFile.ts'
import { createOpenPart, type OpenPart } from './openPart.ts'
import { createPartIndex } from './partIndex.ts'
import { readPartEnd, writePartEnd } from './partEnd.ts'
import { hasEnded, stateOf, type StoredPart, type StoredRecording } from './partStates.ts'
import type { PartRef, RecordingState } from '../recordingState.ts'
import { openRemoval, type RemovalReason } from './removal.ts'
import { createTurns } from '../turns.ts'

export interface RecoveryFinding {
  readonly kind: string
  readonly recordingId?: string
  readonly detail: string
}

export interface PartStore {
  open(
    header: PartHeader,
  ): Promise<
    | { ok: true; position: number; flushed: number; created: boolean }
    | { ok: false; reason: 'erased' | 'header-differs' }
  >
  /** The part, if it can still grow. */
  growing(ref: PartRef): OpenPart | undefined
  openParts(): readonly OpenPart[]
  /** How many records are held of the part. */
  position(ref: PartRef): number
  isErased(recordingId: RecordingId): boolean
  /** No record will be added; undefined for a part that is not held. */
  hasEnded(ref: PartRef): boolean | undefined
  state(recordingId: RecordingId): RecordingState | undefined
  list(): readonly RecordingState[]
  /** The part for reading, with everything appended so far. */
  openReader(ref: PartRef): Promise<PartReader | undefined>
  /** Closes the parts that have ended and that nothing was added to for so long; only what is flushed is closed. */
  closeIdle(idleMs: number): Promise<void>
  remove(recordingId: RecordingId, why: RemovalReason): Promise<void>
  /** Cheap, however many there are. `bytes`: of all files, when what waits is written. */
  count(): { readonly recordings: number; readonly openParts: number; readonly bytes: number }
  /** Not yet in the parts' own files. */
  unwrittenBytes(): number
  stop(): Promise<void>
}

export interface PartStoreNeeds {
  readonly folder: string
  readonly fs: FileSystem
  readonly masterKey: MasterKey
  readonly clock: Clock
  readonly onRecovered: (found: RecoveryFinding) => void
}

/** Recordings looked at together at a start: the disk's threads are kept busy, and no more files are open than this. */
const LOADED_AT_ONCE = 32

/** The parts' own files: which there are, and which grow. Opening repairs what a crash left behind. */
export async function openPartStore(needs: PartStoreNeeds): Promise<PartStore> {
  const { fs, folder, masterKey, clock, onRecovered } = needs
  const removal = await openRemoval(needs)
  const recordings = createPartIndex(() => clock.nowMs())
  const turns = createTurns<RecordingId>()
  const waiting = { bytes: 0 }
  const placeOf = (ref: PartRef) => ({
    fs,
    masterKey,
    path: path.join(folder, ref.recordingId, `${ref.part}.rec`),
  })
  const endOf = (ref: PartRef) => path.join(folder, ref.recordingId, `${ref.part}.end`)
  const heldPart = (ref: PartRef) => recordings.part(ref)

  const loadOne = async (ref: PartRef): Promise<StoredPart | undefined> => {
    const place = placeOf(ref)
    const { recordingId } = ref
    const opened = await openPartFile(place)
    if (opened.ok) {
      if (opened.cut) {
        const kept = opened.cut.keptIn ? `, kept in ${opened.cut.keptIn}` : ''
        const detail = `${opened.cut.bytes} bytes of part ${ref.part}${kept}`
        onRecovered({ kind: 'torn-tail-cut', recordingId, detail })
      }
      const growing = createOpenPart({
        file: opened.part,
        touchedMs: clock.monotonicMs(),
        dirty: true,
        waiting,
      })
      return { header: opened.part.header, growing }
    }
    const { fault, detail } = opened
    if (fault === 'foreign-key') throw new Error(`${place.path}: ${detail}`) // or agents would fill a second copy beside it
    onRecovered({ kind: `part-${fault}`, recordingId, detail: `part ${ref.part}: ${detail}` })
    if (fault === 'unfinished') await fs.remove(place.path)
    else await fs.rename(place.path, `${place.path}.damaged`) // the agent is asked for it again from its beginning
    return undefined
  }

  const load = async (recordingId: RecordingId): Promise<readonly StoredPart[]> => {
    const names = await listIfFolder(fs, path.join(folder, recordingId))
    const parts: StoredPart[] = []
    for (const name of names) {
      const number = /^(\d+)\.rec$/.exec(name)?.[1]
      if (!number) continue
      const ref = { recordingId, part: Number(number) }
      const end = names.includes(`${number}.end`) ? await readPartEnd(fs, endOf(ref)) : undefined
      const part = end ? { header: end.header, closed: end } : await loadOne(ref)
      if (part) parts.push(part)
    }
    return parts
  }

  const found = (await fs.list(folder)).flatMap((name) => recordingIdSchema.safeParse(name).data ?? [])
  for (let at = 0; at < found.length; at += LOADED_AT_ONCE) {
    const some = found.slice(at, at + LOADED_AT_ONCE)
    const loaded = await Promise.all(some.map(load))
    for (const [index, recordingId] of some.entries())
      for (const part of loaded[index] ?? []) recordings.hold(recordingId, part)
  }

  /**
   * A closed part whose file lost some of its end (a disk that lied, a copy cut short) grows again: the agent, which has
   * it until it is safe, is asked for the rest. Looked at when the agent opens it, not for each of them at every start.
   */
  const mendShort = async (ref: PartRef): Promise<StoredPart | undefined> => {
    const held = heldPart(ref)
    if (!held?.closed || held.growing) return held
    const { bytes } = held.closed
    const file = await fs.open(placeOf(ref).path, 'r').catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return undefined
      throw error
    })
    const size = file ? (await file.stat().finally(() => file.close())).size : 0
    if (size >= bytes) return held
    const { recordingId } = ref
    onRecovered({ kind: 'part-short', recordingId, detail: `part ${ref.part}: ${size} of ${bytes} bytes` })
    const mended = file && (await loadOne(ref))
    await fs.remove(endOf(ref))
    if (mended) recordings.hold(recordingId, mended)
    else recordings.drop(ref)
    return mended
  }

  const open = async (header: PartHeader): ReturnType<PartStore['open']> => {
    const { recordingId } = header
    if (removal.isErased(recordingId)) return { ok: false, reason: 'erased' }
    const held = await mendShort({ recordingId, part: header.part })
    if (held) {
      const { callId: _, ...known } = held.header
      const { callId: __, ...told } = header
      if (JSON.stringify(known) !== JSON.stringify(told)) return { ok: false, reason: 'header-differs' }
      const position = held.growing?.file.position ?? held.closed?.position ?? 0
      return { ok: true, position, flushed: held.growing?.flushed ?? position, created: false }
    }
    if (opensBehindSeal(recordings.get(recordingId), header)) return { ok: false, reason: 'header-differs' }
    await fs.makeFolder(path.join(folder, recordingId))
    await fs.syncFolder(folder)
    const place = placeOf(header)
    const file = await createPartFile(place, header).catch(async (error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error
      await fs.remove(place.path) // left by a creation that the disk refused half-way: it is not held, so nothing is in it
      return createPartFile(place, header)
    })
    const growing = createOpenPart({ file, touchedMs: clock.monotonicMs(), dirty: false, waiting })
    recordings.hold(recordingId, { header, growing })
    return { ok: true, position: 0, flushed: 0, created: true }
  }

  const close = async (ref: PartRef, part: StoredPart, growing: OpenPart) => {
    await growing.write()
    await growing.flush()
    const { position, endSample, sealed, bytes } = growing.file
    const end = { position, endSample, sealed, bytes }
    await writePartEnd(fs, endOf(ref), { header: part.header, ...end })
    recordings.close(part, end)
    await growing.close()
  }

  return {
    open: (header) => turns.take(header.recordingId, () => open(header)),
    growing: (ref) => heldPart(ref)?.growing,
    openParts: () => [...recordings.growing.keys()],
    position(ref) {
      const held = heldPart(ref)
      return held?.growing?.file.position ?? held?.closed?.position ?? 0
    },
    isErased: (recordingId) => removal.isErased(recordingId),
    hasEnded(ref) {
      const recording = recordings.get(ref.recordingId)
      const part = recording?.parts.get(ref.part)
      return recording && part && hasEnded(recording, part)
    },
    state: (recordingId) => {
      const recording = recordings.get(recordingId)
      return recording && stateOf(recordingId, recording)
    },
    list: () => [...recordings].map(([recordingId, recording]) => stateOf(recordingId, recording)),
    async openReader(ref) {
      const held = heldPart(ref)
      if (!held) return undefined
      if (held.growing) return held.growing.reader
      const opened = await readPartFile(placeOf(ref))
      if (!opened.ok) throw new Error(`part ${ref.part} of ${ref.recordingId}: ${opened.detail}`)
      return opened.part
    },
    async closeIdle(idleMs) {
      for (const [growing, ref] of [...recordings.growing]) {
        if (growing.journaled < growing.file.position) continue
        if (clock.monotonicMs() - growing.touchedMs < idleMs) continue
        const [recording, part] = [recordings.get(ref.recordingId), heldPart(ref)]
        if (!recording || !part || !hasEnded(recording, part)) continue
        await turns.take(ref.recordingId, async () => {
          if (heldPart(ref)?.growing === growing) await close(ref, part, growing)
        })
      }
    },
    remove: (recordingId, why) =>
      turns.take(recordingId, async () => {
        const recording = recordings.remove(recordingId)
        for (const { growing } of recording?.parts.values() ?? []) await growing?.close()
        await removal.remove(recordingId, why)
      }),
    count: () => ({
      recordings: recordings.size,
      openParts: recordings.growing.size,
      bytes: recordings.bytes(),
    }),
    unwrittenBytes: () => waiting.bytes,
    async stop() {
      for (const growing of recordings.growing.keys()) {
        await growing
          .write()
          .then(() => growing.flush())
          .finally(() => growing.close())
      }
    },
  }
}

/** A seal is the end, rule R6; unless a power cut took it from the agent's disk after it had come here, rule R4. */
function opensBehindSeal(recording: StoredRecording | undefined, header: PartHeader): boolean {
  const before = recording?.parts.get(header.part - 1)
  const at = before?.growing?.file ?? before?.closed
  return at !== undefined && at.sealed && header.previousPosition >= at.position
}
