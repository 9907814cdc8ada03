import type { Clock } from '@3cx-ninja/protocol'
import type { Journal } from './journal.ts'
import type { Parts } from './parts.ts'
import type { RecordingsTuning } from './tuning.ts'

export interface Mover {
  stop(): Promise<void>
}

export interface MoverNeeds {
  readonly parts: Parts
  readonly journal: Journal
  readonly clock: Clock
  readonly tuning: RecordingsTuning
  /** The disk refused, and nothing is lost: the next round tries again. undefined: a round went through. */
  readonly onRound: (error: Error | undefined) => void
}

/** Moves records from memory to their parts' own files, and lets go of the journal behind what is flushed there. */
export function startMover({ parts, journal, clock, tuning, onRound }: MoverNeeds): Mover {
  let segmentSinceMs = clock.monotonicMs()
  let round: Promise<void> = Promise.resolve()
  let cancel: () => void = () => undefined
  let stopped = false

  const write = async () => {
    for (const growing of parts.eachGrowing()) await growing.write()
  }
  const isDue = () => {
    if (journal.segmentBytes >= tuning.segmentBytes) return true
    return journal.segmentBytes > 0 && clock.monotonicMs() - segmentSinceMs >= tuning.segmentMs
  }
  const move = async () => {
    await write()
    if (isDue()) {
      await journal.rotate()
      segmentSinceMs = clock.monotonicMs()
      await write()
      // One after the other: the journal's flush, which agents wait for, finds a thread and the disk free in between.
      for (const growing of parts.eachGrowing()) await growing.flush()
      await journal.discardClosed()
    }
    await parts.closeIdle(tuning.closeIdleMs)
  }
  const schedule = () => {
    if (stopped) return
    cancel = clock.after(tuning.moveEveryMs, () => {
      round = move()
        .then(
          () => onRound(undefined),
          (error: unknown) => onRound(error instanceof Error ? error : new Error(String(error))),
        )
        .finally(schedule)
    })
  }
  schedule()
  return {
    async stop() {
      stopped = true
      cancel()
      await round
    },
  }
}
