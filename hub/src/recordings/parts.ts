import path from 'node:path'
import { z } from 'zod'
import {
  position as positionSchema,
  partHeader,
  recordingId as recordingIdSchema,
  type Clock,
  type PartHeader,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { errorCode, writeAll, type FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import {
  createPartFile,
  destroyPartFile,
  openPartFile,
  type PartFile,
} from '@3cx-ninja/recording-log/partFile.ts'
import type { PartRef, PartState, RecordingState } from './recordingStore.ts'

/** A part that can still grow: its file is open, and entries wait to be written to it. */
export interface GrowingPart {
  readonly file: PartFile
  /** Encoded entries that are in the journal but not yet in the file. */
  pending: Buffer[]
  dirty: boolean
  /** Position up to which the journal or the file itself is flushed: what may be acknowledged. */
  flushed: number
  touchedMs: number
}

/** Written beside a part that is complete and flushed, so that a start need not read the whole file. */
const partEnd = z.object({
  header: partHeader,
  position: positionSchema,
  endSample: z.number(),
  sealed: z.boolean(),
})
type PartEnd = z.infer<typeof partEnd>

export interface Parts {
  open(
    header: PartHeader,
  ): Promise<
    | { ok: true; position: number; flushed: number; created: boolean }
    | { ok: false; reason: 'erased' | 'header-differs' }
  >
  growing(ref: PartRef): GrowingPart | undefined
  growingCount(): number
  isErased(recordingId: RecordingId): boolean
  /** Whether this part, as it stands now, has just reached the end that the next part's header names. */
  endsBy(ref: PartRef): boolean
  state(recordingId: RecordingId): RecordingState | undefined
  list(): readonly RecordingState[]
  /** The part's file for reading, with everything appended so far written to it. */
  readable(ref: PartRef): Promise<PartFile | undefined>
  writePending(): Promise<void>
  flush(): Promise<void>
  closeIdle(idleMs: number): Promise<void>
  remove(recordingId: RecordingId, why: 'erased' | 'retention'): Promise<void>
  stop(): Promise<void>
}

export interface PartsNeeds {
  readonly folder: string
  readonly fs: FileSystem
  readonly masterKey: MasterKey
  readonly clock: Clock
  readonly onRecovered: (found: { what: string; recordingId?: string; detail: string }) => void
}

interface Held {
  readonly header: PartHeader
  growing?: GrowingPart
  closed?: { position: number; endSample: number; sealed: boolean }
}
interface Recording {
  readonly parts: Map<number, Held>
  updatedAtMs: number
}

/** The parts' own files: which there are, which grow, and moving entries from memory to them. */
export async function createParts(needs: PartsNeeds): Promise<Parts> {
  const { fs, folder, masterKey, clock } = needs
  const recordings = new Map<RecordingId, Recording>()
  const erased = new Set<RecordingId>()
  const opening = new Map<string, Promise<unknown>>()
  const fileOf = (ref: PartRef, suffix: 'rec' | 'end') =>
    path.join(folder, ref.recordingId, `${ref.part}.${suffix}`)
  const tombstone = (recordingId: RecordingId) => path.join(folder, `${recordingId}.erased`)

  const hold = (recordingId: RecordingId, held: Held) => {
    const recording = recordings.get(recordingId) ?? { parts: new Map<number, Held>(), updatedAtMs: 0 }
    recording.parts.set(held.header.part, held)
    recording.updatedAtMs = clock.nowMs()
    recordings.set(recordingId, recording)
  }

  const stateOfPart = (recording: Recording, held: Held): PartState => {
    const at = held.growing?.file ?? held.closed ?? { position: 0, endSample: 0, sealed: false }
    const next = recording.parts.get(held.header.part + 1)
    const ended = at.sealed || (next !== undefined && at.position >= next.header.previousPosition)
    return { header: held.header, position: at.position, endSample: at.endSample, ended }
  }

  const stateOf = (recordingId: RecordingId): RecordingState | undefined => {
    const recording = recordings.get(recordingId)
    const first = recording?.parts.values().next().value
    if (!recording || !first) return undefined
    const parts = [...recording.parts.values()].sort((a, b) => a.header.part - b.header.part)
    const states = parts.map((held) => stateOfPart(recording, held))
    const last = parts.at(-1)
    const whole = states.every((state, index) => state.ended && state.header.part === index + 1)
    const sealed = whole && (last?.growing?.file.sealed ?? last?.closed?.sealed ?? false)
    const { callId, language } = first.header
    return { recordingId, callId, language, parts: states, sealed, updatedAtMs: recording.updatedAtMs }
  }

  const openExisting = async (ref: PartRef): Promise<Held | undefined> => {
    const opened = await openPartFile({ fs, path: fileOf(ref, 'rec'), masterKey })
    if (!opened.ok) {
      needs.onRecovered({ what: `part-${opened.fault}`, recordingId: ref.recordingId, detail: opened.detail })
      return undefined
    }
    if (opened.cutBytes > 0) {
      needs.onRecovered({
        what: 'torn-tail-cut',
        recordingId: ref.recordingId,
        detail: `${opened.cutBytes} bytes of part ${ref.part}`,
      })
    }
    const growing = {
      file: opened.part,
      pending: [],
      dirty: true,
      flushed: opened.part.position,
      touchedMs: clock.monotonicMs(),
    }
    return { header: opened.part.header, growing }
  }

  const load = async (recordingId: RecordingId) => {
    const names = await fs.list(path.join(folder, recordingId))
    for (const name of names) {
      const number = /^(\d+)\.rec$/.exec(name)?.[1]
      if (!number) continue
      const ref = { recordingId, part: Number(number) }
      const end = names.includes(`${number}.end`) ? await readEnd(fs, fileOf(ref, 'end')) : undefined
      const held = end ? { header: end.header, closed: end } : await openExisting(ref)
      if (held) hold(recordingId, held)
    }
  }

  for (const name of await fs.list(folder)) {
    const parsed = recordingIdSchema.safeParse(name.replace(/\.erased$/, ''))
    if (!parsed.success) continue
    if (name.endsWith('.erased')) erased.add(parsed.data)
    else await load(parsed.data)
  }

  const writeOne = async (part: GrowingPart) => {
    if (part.pending.length === 0) return
    const batch = part.pending
    part.pending = []
    try {
      await part.file.write(batch)
      part.dirty = true
    } catch (error) {
      part.pending = batch.concat(part.pending)
      throw error
    }
  }
  // Writes to one file never overlap: a follower's wish to read waits for the mover's round, and the reverse.
  const writing = new WeakMap<GrowingPart, Promise<void>>()
  const writeInTurn = (part: GrowingPart): Promise<void> => {
    const turn = (writing.get(part) ?? Promise.resolve()).catch(() => undefined).then(() => writeOne(part))
    writing.set(part, turn)
    turn.catch(() => undefined)
    return turn
  }
  const eachGrowing = () =>
    [...recordings.values()].flatMap(({ parts }) =>
      [...parts.values()].flatMap((held) => (held.growing ? [held.growing] : [])),
    )

  const create = async (header: PartHeader) => {
    await fs.makeFolder(path.join(folder, header.recordingId))
    await fs.syncFolder(folder)
    const place = { fs, path: fileOf(header, 'rec'), masterKey }
    let file: PartFile
    try {
      file = await createPartFile(place, header)
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
      await destroyPartFile(place) // a file whose creation never finished: `load` did not accept it
      file = await createPartFile(place, header)
    }
    hold(header.recordingId, {
      header,
      growing: { file, pending: [], dirty: false, flushed: 0, touchedMs: clock.monotonicMs() },
    })
  }

  const close = async (ref: PartRef, held: Held) => {
    const part = held.growing
    if (!part) return
    await writeInTurn(part)
    await part.file.datasync()
    const { position: at, endSample, sealed } = part.file
    await writeEnd(fs, fileOf(ref, 'end'), { header: held.header, position: at, endSample, sealed })
    held.closed = { position: at, endSample, sealed }
    delete held.growing
    await part.file.close()
  }

  return {
    async open(header) {
      if (erased.has(header.recordingId)) return { ok: false, reason: 'erased' }
      const key = `${header.recordingId}/${header.part}`
      await opening.get(key)
      const held = recordings.get(header.recordingId)?.parts.get(header.part)
      if (!held) {
        const creation = create(header)
        opening.set(
          key,
          creation.catch(() => undefined),
        )
        await creation.finally(() => opening.delete(key))
        return { ok: true, position: 0, flushed: 0, created: true }
      }
      const { callId: _, ...known } = held.header
      const { callId: __, ...told } = header
      if (JSON.stringify(known) !== JSON.stringify(told)) return { ok: false, reason: 'header-differs' }
      const position = held.growing?.file.position ?? held.closed?.position ?? 0
      return { ok: true, position, flushed: held.growing?.flushed ?? position, created: false }
    },
    growing(ref) {
      return recordings.get(ref.recordingId)?.parts.get(ref.part)?.growing
    },
    growingCount: () => eachGrowing().length,
    isErased: (recordingId) => erased.has(recordingId),
    endsBy(ref) {
      const recording = recordings.get(ref.recordingId)
      const next = recording?.parts.get(ref.part + 1)
      return (
        next !== undefined &&
        recording?.parts.get(ref.part)?.growing?.file.position === next.header.previousPosition
      )
    },
    state: stateOf,
    list: () => [...recordings.keys()].flatMap((id) => stateOf(id) ?? []),
    async readable(ref) {
      const held = recordings.get(ref.recordingId)?.parts.get(ref.part)
      if (!held) return undefined
      if (held.growing) {
        await writeInTurn(held.growing)
        return held.growing.file
      }
      const opened = await openPartFile({ fs, path: fileOf(ref, 'rec'), masterKey })
      return opened.ok ? opened.part : undefined
    },
    async writePending() {
      for (const part of eachGrowing()) await writeInTurn(part)
    },
    async flush() {
      const dirty = eachGrowing().filter((part) => part.dirty)
      for (const part of dirty) {
        part.dirty = false
        await part.file.datasync().catch((error: unknown) => {
          part.dirty = true
          throw error
        })
      }
    },
    async closeIdle(idleMs) {
      for (const [recordingId, recording] of recordings) {
        for (const held of recording.parts.values()) {
          const idle = held.growing && clock.monotonicMs() - held.growing.touchedMs >= idleMs
          if (idle && stateOfPart(recording, held).ended)
            await close({ recordingId, part: held.header.part }, held)
        }
      }
    },
    async remove(recordingId, why) {
      if (why === 'erased') {
        erased.add(recordingId)
        const file = await fs.open(tombstone(recordingId), 'w+')
        await file.sync().finally(() => file.close())
        await fs.syncFolder(folder)
      }
      const recording = recordings.get(recordingId)
      recordings.delete(recordingId)
      for (const held of recording?.parts.values() ?? []) {
        await held.growing?.file.close()
        await destroyPartFile({ fs, path: fileOf({ recordingId, part: held.header.part }, 'rec') })
      }
      await fs.remove(path.join(folder, recordingId))
    },
    async stop() {
      for (const part of eachGrowing()) {
        await writeInTurn(part)
        await part.file.datasync()
        await part.file.close()
      }
    },
  }
}

async function readEnd(fs: FileSystem, file: string): Promise<PartEnd | undefined> {
  const handle = await fs.open(file, 'r')
  try {
    const { size } = await handle.stat()
    const bytes = Buffer.alloc(Math.min(size, 16_384))
    await handle.read(bytes, 0, bytes.length, 0)
    return partEnd.parse(JSON.parse(bytes.toString('utf8')))
  } catch {
    return undefined // torn by a power cut: the part itself is read instead
  } finally {
    await handle.close()
  }
}

async function writeEnd(fs: FileSystem, file: string, end: PartEnd): Promise<void> {
  const handle = await fs.open(`${file}.new`, 'w+')
  try {
    await writeAll(handle, Buffer.from(JSON.stringify(end)), 0)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await fs.rename(`${file}.new`, file)
  await fs.syncFolder(path.dirname(file))
}
