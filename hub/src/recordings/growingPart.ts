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

export function createGrowingPart(needs: GrowingPartNeeds): GrowingPart {
  const { file, touchedMs } = needs
  let waiting: Buffer[] = []
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
      waiting.push(entry)
      needs.waiting.bytes += entry.length
    },
    write: () =>
      inTurn(async () => {
        if (waiting.length === 0) return
        const batch = waiting
        const upTo = file.position
        waiting = []
        try {
          await file.write(batch)
        } catch (error) {
          waiting = batch.concat(waiting)
          throw error
        }
        dirty = true
        written = upTo
        for (const entry of batch) needs.waiting.bytes -= entry.length
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
        for (const entry of waiting) needs.waiting.bytes -= entry.length
        waiting = []
        await file.close()
      }),
  }
  return part
}
