import type { Clock, LogRecord, StoredRecording } from '@3cx-ninja/protocol'
import { abortableSleep } from '@3cx-ninja/node-kit/abortableSleep.ts'
import type { Logger } from '../process/log.ts'
import type { CachedPart } from './cachedPart.ts'
import type { From, HubSound } from './hubSound.ts'
import { isGoneForGood, noSound, whyOf, type NoSound } from './noSound.ts'
import type { PlaybackTuning } from './playbackTuning.ts'
import type { SoundCache } from './soundCache.ts'

export interface HubCopyNeeds {
  readonly stored: StoredRecording
  readonly hub: HubSound
  readonly cache: SoundCache
  readonly clock: Clock
  readonly log: Logger
  readonly tuning: PlaybackTuning
  /** Receives the share of the recording that is on this disk, 0 to 1. */
  readonly onProgress: (share: number) => void
  /** Called when the hub answers in the middle of the copy that the recording may not be heard any more. */
  readonly onGone: (why: NoSound) => void
}

export type StoredPart = StoredRecording['parts'][number]

export interface HubCopyState {
  readonly needs: HubCopyNeeds
  readonly ending: AbortController
  /** What the hub stores of the recording, as last reported. */
  stored: StoredRecording
  /** Why nothing may be heard any more; undefined while the copy is open. */
  endedBecause: NoSound | undefined
  /** The part that is being filled, or rest: the copy is whole, or given up until the next listener. */
  fill: { readonly at: 'rest' } | { readonly at: 'part'; readonly part: number }
  filling: Promise<void>
  readonly cached: Map<number, CachedPart>
  /** Sequence at which the hub's file of a part ended before the reported end. */
  readonly short: Map<number, number>
  waiting: (() => void)[]
  reportedMs: number
}

/** Returns whether an error is one of `noSound`: the hub's reason, and not a failure of this disk. */
export const isFromHub = (error: unknown): boolean => error instanceof Error && 'why' in error

/** Wakes everything that waits for the copy to grow. */
export function wake(state: HubCopyState): void {
  const now = state.waiting
  state.waiting = []
  for (const each of now) each()
}

/** Resolves after the next records have come, or after filling has ended. */
export const untilGrown = (state: HubCopyState): Promise<void> =>
  new Promise<void>((resolve) => state.waiting.push(resolve))

export const endOfPart = ({ short }: HubCopyState, { header, position }: StoredPart): number =>
  Math.min(position, short.get(header.part) ?? position)

/** Returns the copy of the part, unless the copy was destroyed to make room or for its age. */
export function copyOf({ cached }: HubCopyState, part: number): CachedPart | undefined {
  const copy = cached.get(part)
  if (!copy?.isGone()) return copy
  cached.delete(part)
  return undefined
}

/** Throws `noSound` once the copy has ended. */
export function assertOpen({ endedBecause }: HubCopyState): void {
  if (endedBecause) throw noSound(endedBecause, 'the recording may not be heard any more')
}

/** Asks the hub for records of a part. Throws `noSound` with the hub's reason. */
export function requestRecords(
  { needs, stored, ending }: HubCopyState,
  part: StoredPart,
  of: { readonly from: From; readonly limit: number },
): AsyncGenerator<readonly LogRecord[], void> {
  return needs.hub.records({ recordingId: stored.recordingId, part: part.header.part, ...of }, ending.signal)
}

/**
 * Runs the work again after a growing delay while the hub is away or busy; `hasProgressed` restarts the count. Rejects with the last
 * error after `tuning.tries` attempts, and at once for every other error.
 */
export async function withRetries<Value>(
  state: HubCopyState,
  work: () => Promise<Value>,
  hasProgressed = () => false,
): Promise<Value> {
  const { needs, ending } = state
  const { tries: maxTries, againMs } = needs.tuning
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (hasProgressed()) tries = 1
      if (ending.signal.aborted || !isFromHub(error) || isGoneForGood(whyOf(error)) || tries > maxTries)
        throw error
      await abortableSleep(needs.clock, againMs * 2 ** (tries - 1), ending.signal)
      assertOpen(state)
    }
  }
}
