import type { Clock } from '@3cx-ninja/protocol'
import type { OpenPart } from '../parts/openPart.ts'
import type { Journal } from './journal.ts'
import type { PartStore } from '../parts/partStore.ts'
import type { RecordingsTuning } from '../tuning.ts'

export interface Checkpointer {
  stop(): Promise<void>
}

export interface CheckpointerNeeds {
  readonly parts: PartStore
  readonly journal: Journal
  readonly clock: Clock
  readonly tuning: RecordingsTuning
  /** The disk refused, and nothing is lost: the next round tries again. undefined: all went through. */
  readonly onRound: (error: Error | undefined) => void
}

/**
 * Moves records from memory to their parts' own files, and lets go of the journal behind what is flushed there. Those
 * flushes are many and may take longer than a segment lasts, so they run beside the moving: else memory would fill.
 */
export function startCheckpointer({
  parts,
  journal,
  clock,
  tuning,
  onRound,
}: CheckpointerNeeds): Checkpointer {
  let segmentSinceMs = clock.monotonicMs()
  let round: Promise<void> = Promise.resolve()
  let cancel: () => void = () => undefined
  let stopped = false
  const faults = new Map<string, Error>()
  const tell = () => onRound([...faults.values()][0])

  const write = async () => {
    for (const growing of parts.openParts()) await growing.write()
  }
  /** Closed segments: their records are written to the parts' own files, and not known to be flushed there. */
  let owesFlushes = false
  const release = beside(async () => {
    await flushAll(parts.openParts())
    if (stopped) return
    await journal.discardClosed()
    owesFlushes = false
  })
  const closeIdle = beside(() => parts.closeIdle(tuning.closeIdleMs))

  const flushAll = async (all: readonly OpenPart[]) => {
    const left = all.values()
    const flushSome = async () => {
      for (const growing of left) {
        if (stopped) return // each part is flushed when it is closed, or the journal is replayed
        await growing.flush()
      }
    }
    await everyOne(Array.from({ length: tuning.flushesAtOnce }, flushSome))
  }
  const isDue = () => {
    if (journal.segmentBytes >= tuning.segmentBytes) return true
    return journal.segmentBytes > 0 && clock.monotonicMs() - segmentSinceMs >= tuning.segmentMs
  }
  const move = async () => {
    await write()
    if (!release.running() && isDue()) {
      await journal.rotate()
      owesFlushes = true
      segmentSinceMs = clock.monotonicMs()
      await write()
    }
  }

  const noted = (kind: string, work: Promise<void>) =>
    work.then(
      () => {
        faults.delete(kind)
        tell()
      },
      (error: unknown) => {
        faults.set(kind, error instanceof Error ? error : new Error(String(error)))
        tell()
      },
    )
  const schedule = () => {
    if (stopped) return
    cancel = clock.after(tuning.checkpointEveryMs, () => {
      round = noted('moving', move())
        .then(() => {
          if (stopped) return
          if (owesFlushes && !faults.has('moving') && !release.running())
            void noted('flushing', release.start())
          if (!closeIdle.running()) void noted('closing', closeIdle.start())
        })
        .finally(schedule)
    })
  }
  schedule()
  return {
    async stop() {
      stopped = true
      cancel()
      await round
      await Promise.all([release.ended(), closeIdle.ended()])
    },
  }
}

/** Work that runs beside the rest, never twice at a time. */
function beside(work: () => Promise<void>) {
  let current: Promise<void> | undefined
  return {
    running: () => current !== undefined,
    start() {
      const started = work().finally(() => (current = undefined))
      current = started
      return started
    },
    /** Settles when nothing runs, whatever became of it. */
    ended: async () => {
      await current?.catch(() => undefined)
    },
  }
}

/** Waits for all of them, also when one fails; then rejects with its reason. */
async function everyOne(all: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(all)).find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
}
