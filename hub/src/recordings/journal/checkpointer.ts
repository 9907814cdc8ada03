import { toError, type Clock } from '@3cx-ninja/protocol'
import type { OpenPart } from '../parts/openPart.ts'
import type { PartStore } from '../parts/partStore.ts'
import type { RecordingsTuning } from '../tuning.ts'
import type { Journal } from './journal.ts'

export interface Checkpointer {
  /** Begins the next round at once, or right after the running one: an agent is not read until its records are written. */
  hurry(): void
  /** Resolves once the running round has settled; starts no other. Never rejects. */
  stop(): Promise<void>
}

export interface CheckpointerNeeds {
  readonly parts: Pick<PartStore, 'openParts' | 'closeIdle'>
  readonly journal: Pick<Journal, 'segmentBytes' | 'rotate' | 'discardClosed'>
  readonly clock: Clock
  readonly tuning: RecordingsTuning
  /** Called after each step of a round: with the disk's refusal (nothing is lost, the next round retries), or with undefined. */
  readonly onRound: (error: Error | undefined) => void
}

/** A step of a round that runs next to the others, never twice at a time. */
interface Background {
  running(): boolean
  start(): Promise<void>
  /** Resolves when nothing runs, whether the work succeeded or failed. */
  ended(): Promise<void>
}

interface State {
  readonly needs: CheckpointerNeeds
  readonly faults: Map<'writing' | 'flushing' | 'closing', Error>
  segmentSinceMs: number
  /** Segments are closed whose records are written to the parts' own files, but perhaps not flushed there. */
  owesFlushes: boolean
  round: Promise<void>
  cancel: () => void
  isRunning: boolean
  isHurried: boolean
  stopped: boolean
}

/**
 * Writes records from memory to the parts' own files, and truncates the journal up to what has been flushed there. Each round
 * writes; a full or old segment is rotated; then the parts are flushed and the closed segments deleted. Those flushes are
 * many and may take longer than a segment lasts, so they run next to the writing: else memory would fill.
 */
export function startCheckpointer(needs: CheckpointerNeeds): Checkpointer {
  const state: State = {
    needs,
    faults: new Map(),
    segmentSinceMs: needs.clock.monotonicMs(),
    owesFlushes: false,
    round: Promise.resolve(),
    cancel: () => undefined,
    isRunning: false,
    isHurried: false,
    stopped: false,
  }
  const truncation = inBackground(() => truncateJournal(state))
  const closing = inBackground(() => needs.parts.closeIdle(needs.tuning.closeIdleMs))
  const schedule = () => {
    state.isRunning = false
    if (state.stopped) return
    const delayMs = state.isHurried ? 0 : needs.tuning.checkpointEveryMs
    state.isHurried = false
    state.cancel = needs.clock.after(delayMs, () => {
      state.isRunning = true
      state.round = reporting(state, 'writing', checkpoint(state, truncation))
        .then(() => {
          if (state.stopped) return
          if (state.owesFlushes && !state.faults.has('writing') && !truncation.running())
            void reporting(state, 'flushing', truncation.start())
          if (!closing.running()) void reporting(state, 'closing', closing.start())
        })
        .finally(schedule)
    })
  }
  schedule()
  return {
    hurry() {
      if (state.isHurried || state.stopped) return
      state.isHurried = true
      if (state.isRunning) return
      state.cancel()
      schedule()
    },
    async stop() {
      state.stopped = true
      state.cancel()
      await state.round
      await Promise.all([truncation.ended(), closing.ended()])
    },
  }
}

async function checkpoint(state: State, truncation: Background): Promise<void> {
  const { journal, clock } = state.needs
  await writeParts(state)
  if (truncation.running() || !isRotationDue(state)) return
  await journal.rotate()
  state.owesFlushes = true
  state.segmentSinceMs = clock.monotonicMs()
  await writeParts(state)
}

async function writeParts({ needs }: State): Promise<void> {
  // Parts that nobody seals may be thousands, and a round may come fifty times a second.
  for (const part of needs.parts.openParts()) if (part.waits()) await part.write()
}

async function truncateJournal(state: State): Promise<void> {
  await flushAll(state, state.needs.parts.openParts())
  if (state.stopped) return
  await state.needs.journal.discardClosed()
  state.owesFlushes = false
}

async function flushAll(state: State, parts: readonly OpenPart[]): Promise<void> {
  const left = parts.values()
  const flushSome = async () => {
    for (const part of left) {
      if (state.stopped) return // each part is flushed when it is closed, or the journal is replayed
      await part.flush()
    }
  }
  await everyOne(Array.from({ length: state.needs.tuning.flushesAtOnce }, flushSome))
}

function isRotationDue({ needs, segmentSinceMs }: State): boolean {
  const { journal, clock, tuning } = needs
  if (journal.segmentBytes >= tuning.segmentBytes) return true
  return journal.segmentBytes > 0 && clock.monotonicMs() - segmentSinceMs >= tuning.segmentMs
}

/** Reports the outcome of one step together with the standing failures of the other steps. Never rejects. */
async function reporting(
  { needs, faults }: State,
  step: 'writing' | 'flushing' | 'closing',
  work: Promise<void>,
): Promise<void> {
  try {
    await work
    faults.delete(step)
  } catch (error) {
    faults.set(step, toError(error))
  }
  needs.onRound([...faults.values()][0])
}

function inBackground(work: () => Promise<void>): Background {
  let current: Promise<void> | undefined
  return {
    running: () => current !== undefined,
    start() {
      const started = work().finally(() => (current = undefined))
      current = started
      return started
    },
    ended: async () => {
      await current?.catch(() => undefined)
    },
  }
}

/** Waits for all promises, also when one rejects; then rejects with its reason. */
async function everyOne(all: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(all)).find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
}
