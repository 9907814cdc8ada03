import path from 'node:path'
import {
  recordingId as recordingIdSchema,
  type CallId,
  type Channel,
  type Clock,
  type Codec,
  type Consent,
  type Language,
  type LogRecord,
  type PartHeader,
  type RecordKind,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { errorCode, nodeFileSystem, type FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import {
  createPartFile,
  destroyPartFile,
  openPartFile,
  type PartFile,
} from '@3cx-ninja/recording-log/partFile.ts'

export const recordingTuning = {
  /** A power cut costs at most this much sound; a killed process costs none. */
  flushMs: 1_000,
  /** Below this much free space the technician is warned, */
  warnFreeBytes: 1_073_741_824,
  /** and below this the oldest recordings that are safe on the hub would have to go first: nothing new is begun. */
  minFreeBytes: 67_108_864,
}

export interface NewRecording {
  readonly recordingId: RecordingId
  readonly callId: CallId
  readonly codec: Codec
  readonly extension: string
  readonly language: Language
  readonly consent: Consent
}

/** A record before the file gives it its sequence. */
export interface RecordDraft {
  readonly kind: Exclude<RecordKind, 'sealed'>
  readonly channel: Channel
  readonly firstSample: number
  readonly payload: Uint8Array
}

export type WriteOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'disk-full' | 'io' | 'closed'; readonly detail: string }

/** A part as replication sees it. */
export interface LocalPart {
  readonly header: PartHeader
  /** Records on this disk: what may be sent. */
  readonly position: number
  /** No record will be added. */
  readonly closed: boolean
}

export interface LocalRecording {
  readonly recordingId: RecordingId
  readonly parts: readonly LocalPart[]
  /** Its last part ends with the sealed record. */
  readonly sealed: boolean
}

export interface RecordingWriter {
  readonly header: PartHeader
  /** Writes what belongs together (100 ms of both channels) and resolves when it would survive a kill of this process. */
  append(drafts: readonly RecordDraft[]): Promise<WriteOutcome>
  /** Writes the sealed record, flushes, closes. The recording is complete. */
  seal(): Promise<WriteOutcome>
  /** Closes without sealing: the next part goes on. */
  close(): Promise<void>
}

export interface Recordings {
  /** Begins part 1, or the next part of a recording that is here already. */
  begin(recording: NewRecording): Promise<RecordingWriter>
  list(): readonly LocalRecording[]
  /** Whole records from `from` on, at most about `limit` of them; empty when there are none yet. */
  read(recordingId: RecordingId, part: number, from: number, limit: number): Promise<readonly LogRecord[]>
  /** A part grew, closed, or a recording came or went. */
  onGrowth(listener: (recordingId: RecordingId) => void): () => void
  /** The call was over when this process died: seals the recording with a part of its own that holds just the seal. */
  sealUnfinished(recordingId: RecordingId): Promise<void>
  /** Destroys the keys, then the files: when the hub has it safe, or on request. */
  remove(recordingId: RecordingId): Promise<void>
  space(): Promise<'enough' | 'little' | 'none'>
  stop(): Promise<void>
}

export interface RecordingsNeeds {
  readonly folder: string
  readonly masterKey: MasterKey
  readonly clock: Clock
  readonly fs?: FileSystem
  readonly tuning?: Partial<typeof recordingTuning>
  readonly onRepaired?: (found: {
    readonly what: string
    readonly recordingId: string
    readonly detail: string
  }) => void
}

interface Held {
  readonly file: PartFile
  /** Records written to disk; `file.position` may be ahead while a write is under way. */
  written: number
  closed: boolean
}

/** The recordings on this PC. Opening repairs every part that a crash left behind; none of them is ever continued. */
export async function openRecordings(needs: RecordingsNeeds): Promise<Recordings> {
  const { folder, masterKey, clock } = needs
  const fs = needs.fs ?? nodeFileSystem
  const tuning = { ...recordingTuning, ...needs.tuning }
  const recordings = new Map<RecordingId, Map<number, Held>>()
  const grown = new Set<(recordingId: RecordingId) => void>()
  const pathOf = (recordingId: RecordingId, part: number) => path.join(folder, recordingId, `${part}.rec`)
  const tell = (recordingId: RecordingId) => {
    for (const listener of grown) listener(recordingId)
  }

  const load = async (recordingId: RecordingId) => {
    const parts = new Map<number, Held>()
    for (const name of await fs.list(path.join(folder, recordingId))) {
      const part = Number(/^(\d+)\.rec$/.exec(name)?.[1] ?? Number.NaN)
      if (!Number.isInteger(part)) continue
      const opened = await openPartFile({ fs, path: pathOf(recordingId, part), masterKey })
      if (opened.ok) parts.set(part, { file: opened.part, written: opened.part.position, closed: true })
      if (!opened.ok) needs.onRepaired?.({ what: opened.fault, recordingId, detail: opened.detail })
      else if (opened.cutBytes > 0)
        needs.onRepaired?.({ what: 'torn-tail-cut', recordingId, detail: `${opened.cutBytes} bytes` })
    }
    if (parts.size > 0) recordings.set(recordingId, parts)
  }

  await fs.makeFolder(folder)
  for (const name of await fs.list(folder)) {
    const parsed = recordingIdSchema.safeParse(name)
    if (parsed.success) await load(parsed.data)
  }

  const lastOf = (parts: ReadonlyMap<number, Held>): Held | undefined =>
    parts.get(Math.max(0, ...parts.keys()))

  const beginPart = async (header: PartHeader): Promise<Held> => {
    await fs.makeFolder(path.join(folder, header.recordingId))
    await fs.syncFolder(folder)
    const place = { fs, path: pathOf(header.recordingId, header.part), masterKey }
    const file = await createPartFile(place, header).catch(async (error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error
      await destroyPartFile(place) // its creation was cut short: `load` did not accept it
      return createPartFile(place, header)
    })
    const held: Held = { file, written: 0, closed: false }
    const parts = recordings.get(header.recordingId) ?? new Map<number, Held>()
    recordings.set(header.recordingId, parts.set(header.part, held))
    return held
  }

  const createWriter = (held: Held): RecordingWriter => {
    const { file } = held
    const { recordingId } = file.header
    let unwritten: Buffer[] = []
    let turn: Promise<WriteOutcome> = Promise.resolve({ ok: true })
    let cancelFlush: (() => void) | undefined
    const isClosed = () => held.closed

    const flushSoon = () => {
      cancelFlush ??= clock.after(tuning.flushMs, () => {
        cancelFlush = undefined
        file.datasync().catch(() => undefined) // what a flush missed is flushed by the next one, or by the seal
      })
    }
    // Entries that a full disk refused stay in memory and go out first with the next write: the log has no hole.
    const write = async (): Promise<WriteOutcome> => {
      const batch = unwritten
      if (batch.length === 0) return { ok: true }
      unwritten = []
      const position = file.position
      try {
        await file.write(batch)
      } catch (error) {
        unwritten = batch.concat(unwritten)
        const reason = ['ENOSPC', 'EDQUOT'].includes(errorCode(error)) ? 'disk-full' : 'io'
        return { ok: false, reason, detail: error instanceof Error ? error.message : String(error) }
      }
      held.written = position
      flushSoon()
      tell(recordingId)
      return { ok: true }
    }
    const writeInTurn = () => (turn = turn.then(write))
    const finish = async () => {
      cancelFlush?.()
      held.closed = true
      await file.datasync()
      tell(recordingId)
    }

    return {
      header: file.header,
      append(drafts) {
        if (isClosed())
          return Promise.resolve({ ok: false, reason: 'closed', detail: 'the recording is sealed' })
        for (const draft of drafts) unwritten.push(file.encode({ ...draft, sequence: file.position }))
        return writeInTurn()
      },
      async seal() {
        if (isClosed()) return { ok: true }
        if (!file.sealed) unwritten.push(file.encode(sealAt(file)))
        const outcome = await writeInTurn()
        if (outcome.ok && !isClosed()) await finish()
        return outcome
      },
      async close() {
        await writeInTurn()
        if (!isClosed()) await finish()
      },
    }
  }

  return {
    async begin(recording) {
      const parts = recordings.get(recording.recordingId)
      const before = parts && lastOf(parts)
      const header: PartHeader = {
        ...recording,
        part: (before?.file.header.part ?? 0) + 1,
        startedAtMs: clock.nowMs(),
        previousPosition: before?.file.position ?? 0,
      }
      const writer = createWriter(await beginPart(header))
      tell(recording.recordingId)
      return writer
    },
    list: () =>
      [...recordings].map(([recordingId, parts]) => ({
        recordingId,
        sealed:
          lastOf(parts)?.file.sealed === true && lastOf(parts)?.written === lastOf(parts)?.file.position,
        parts: [...parts.values()]
          .map((held) => ({ header: held.file.header, position: held.written, closed: held.closed }))
          .sort((a, b) => a.header.part - b.header.part),
      })),
    async read(recordingId, part, from, limit) {
      const held = recordings.get(recordingId)?.get(part)
      if (!held || from >= held.written) return []
      const records: LogRecord[] = []
      for await (const batch of held.file.read(from)) {
        records.push(...batch.filter(({ sequence }) => sequence < held.written))
        if (records.length >= limit) break
      }
      return records.slice(0, limit)
    },
    onGrowth(listener) {
      grown.add(listener)
      return () => void grown.delete(listener)
    },
    async sealUnfinished(recordingId) {
      const parts = recordings.get(recordingId)
      const last = parts && lastOf(parts)
      if (!last?.closed || last.file.sealed) return
      const { header } = last.file
      const held = await beginPart({
        ...header,
        part: header.part + 1,
        startedAtMs: clock.nowMs(),
        previousPosition: last.file.position,
      })
      await createWriter(held).seal()
    },
    async remove(recordingId) {
      const parts = recordings.get(recordingId)
      recordings.delete(recordingId)
      for (const [part, held] of parts ?? []) {
        held.closed = true
        await held.file.close()
        await destroyPartFile({ fs, path: pathOf(recordingId, part) })
      }
      await fs.remove(path.join(folder, recordingId))
      tell(recordingId)
    },
    async space() {
      const free = await fs.freeBytes(folder)
      return free < tuning.minFreeBytes ? 'none' : free < tuning.warnFreeBytes ? 'little' : 'enough'
    },
    async stop() {
      for (const parts of recordings.values()) {
        for (const held of parts.values()) {
          if (!held.closed) await held.file.datasync().catch(() => undefined)
          held.closed = true
          await held.file.close()
        }
      }
    },
  }
}

function sealAt(file: PartFile): LogRecord {
  return {
    sequence: file.position,
    kind: 'sealed',
    channel: 'agent',
    firstSample: file.endSample,
    payload: new Uint8Array(),
  }
}
