import type { PartFile } from '@3cx-ninja/recording-log/partFile.ts'

/** A part that can still grow: its file is open, and entries wait in memory to be moved there. */
export interface GrowingPart {
  readonly file: PartFile
  touchedMs: number
  /** Up to here it survives a power cut: flushed in this file, or in the journal. */
  flushed: number
  /** Takes an entry that `file` has encoded or adopted. */
  add(entry: Buffer): void
  /** Writes what waits; on failure it goes on waiting. */
  write(): Promise<void>
  /** Flushes what was written since the last flush. */
  flush(): Promise<void>
  /** What still waits is dropped; safe twice. */
  close(): Promise<void>
}

export interface GrowingPartNeeds {
  readonly file: PartFile
  readonly touchedMs: number
  /** The file may hold what was never flushed. */
  readonly dirty: boolean
  /** Counts what waits, in all parts together. */
  readonly waiting: { bytes: number }
}

/** A second of both channels and more; grows where the disk is slow. */
const ROOM_BYTES = 8_192
const NOTHING = Buffer.alloc(0)

export function createGrowingPart(needs: GrowingPartNeeds): GrowingPart {
  const { file, touchedMs } = needs
  // Bytes that wait stand in one place, not as thousands of small buffers: with 1,000 calls those outlived the young
  // generation and cost the hub 200 MB.
  let room = NOTHING
  let used = 0
  /** Written, and free for what comes next. */
  let spare = NOTHING
  const keep = (bytes: Buffer) => {
    if (used + bytes.length > room.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(ROOM_BYTES, 2 * (used + bytes.length)))
      room.copy(larger, 0, 0, used)
      room = larger
    }
    bytes.copy(room, used)
    used += bytes.length
  }
  let dirty = needs.dirty
  let written = file.position
  let closed = false
  // Writes, flushes and closing never overlap: a follower's wish to read waits for the mover's round, and the reverse.
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = turn.then(() => (closed ? undefined : work()))
    turn = done.catch(() => undefined)
    return done
  }
  const part: GrowingPart = {
    file,
    touchedMs,
    flushed: 0,
    add(entry) {
      keep(entry)
      needs.waiting.bytes += entry.length
    },
    write: () =>
      inTurn(async () => {
        if (used === 0) return
        const batch = room.subarray(0, used)
        const upTo = file.position
        ;[room, spare, used] = [spare, NOTHING, 0]
        try {
          await file.write([batch])
        } catch (error) {
          const since = Buffer.from(room.subarray(0, used))
          used = 0
          keep(batch)
          keep(since)
          throw error
        }
        // After a time of a slow disk the room that it took is given back.
        if (batch.length <= 2 * ROOM_BYTES) spare = Buffer.from(batch.buffer)
        dirty = true
        written = upTo
        needs.waiting.bytes -= batch.length
      }),
    flush: () =>
      inTurn(async () => {
        if (!dirty) return
        await file.datasync()
        dirty = false
        part.flushed = Math.max(part.flushed, written)
      }),
    close: () =>
      inTurn(async () => {
        closed = true
        needs.waiting.bytes -= used
        used = 0
        await file.close()
      }),
  }
  return part
}
