import type { LogRecord } from '@3cx-ninja/protocol'
import { causeOf } from '../process/log.ts'
import type { CachedPart } from './cachedPart.ts'
import { isFilling, startFilling } from './fillCopy.ts'
import {
  assertOpen,
  copyOf,
  endOfPart,
  requestRecords,
  untilGrown,
  withRetries,
  type HubCopyState,
  type StoredPart,
} from './hubCopyState.ts'
import type { From } from './hubSound.ts'
import { RUN_UP_RECORDS } from './playedRecording.ts'

/** Records read before the wanted one: both channels alternate, so that the run-up has some of each to choose from. */
const LEAD_RECORDS = 4 * RUN_UP_RECORDS

/**
 * Yields the records of a part from some way before `sample` to the part's end: from the copy, after a short wait where the copy will
 * have them in a moment, else by requests of their own, a few seconds at a time. Throws `noSound` with the reason once the recording
 * may not be heard or the hub stays away.
 */
export async function* recordsOf(
  state: HubCopyState,
  part: StoredPart,
  sample: number,
): AsyncGenerator<readonly LogRecord[], void> {
  startFilling(state)
  const next = yield* firstRecords(state, part, sample)
  if (next !== undefined) yield* followingRecords(state, part, next)
}

/** Yields what a jump to the sample needs, and returns the next sequence; undefined where the part ends. */
async function* firstRecords(
  state: HubCopyState,
  part: StoredPart,
  sample: number,
): AsyncGenerator<readonly LogRecord[], number | undefined> {
  const { part: number } = part.header
  const { soonSamples } = state.needs.tuning
  for (;;) {
    assertOpen(state)
    const copy = copyOf(state, number)
    if (copy && (copy.endSample > sample || copy.position >= endOfPart(state, part))) {
      const next = await sequenceNear(state, number, copy, sample)
      if (next !== undefined) return next
    } else if (isFilling(state, number) && sample - (copy?.endSample ?? 0) <= soonSamples)
      await untilGrown(state)
    else {
      const records = await jump(state, part, { sample })
      if (records.length === 0) return undefined
      yield records
      return (records.at(-1)?.sequence ?? 0) + 1
    }
  }
}

async function* followingRecords(
  state: HubCopyState,
  part: StoredPart,
  from: number,
): AsyncGenerator<readonly LogRecord[], void> {
  const { part: number } = part.header
  const { soonRecords } = state.needs.tuning
  let next = from
  for (;;) {
    assertOpen(state)
    if (next >= endOfPart(state, part)) return
    const copy = copyOf(state, number)
    if (copy && next < copy.position) {
      const reached = next
      for await (const records of recordsOfCopy(state, number, copy, next)) {
        yield records
        next = (records.at(-1)?.sequence ?? 0) + 1
      }
      // The copy is damaged on this disk, or was destroyed: its records are requested by themselves.
      if (next === reached) state.cached.delete(number)
    } else if (isFilling(state, number) && next - (copy?.position ?? 0) <= soonRecords)
      await untilGrown(state)
    else {
      const records = await jump(state, part, { sequence: next })
      if (records.length === 0) return
      yield records
      next = (records.at(-1)?.sequence ?? 0) + 1
    }
  }
}

/** Resolves with the records of one jump, or with none where the part ends. */
async function jump(state: HubCopyState, part: StoredPart, from: From): Promise<readonly LogRecord[]> {
  const { jumpRecords: limit } = state.needs.tuning
  const all = await withRetries(state, async () => {
    const some: LogRecord[] = []
    for await (const records of requestRecords(state, part, { from, limit })) some.push(...records)
    return some
  })
  assertOpen(state)
  return all
}

async function* recordsOfCopy(
  state: HubCopyState,
  part: number,
  copy: CachedPart,
  from: number,
): AsyncGenerator<readonly LogRecord[], void> {
  try {
    for await (const records of copy.read(from)) {
      assertOpen(state)
      yield records
    }
  } catch (error) {
    dropCopy(state, part, copy, error)
  }
}

async function sequenceNear(
  state: HubCopyState,
  part: number,
  copy: CachedPart,
  sample: number,
): Promise<number | undefined> {
  try {
    return Math.max(0, (await copy.sequenceAt(sample)) - LEAD_RECORDS)
  } catch (error) {
    dropCopy(state, part, copy, error)
    return undefined
  }
}

/** Forgets a copy that was destroyed in the middle, or that this disk cannot read: the hub has the whole recording. */
function dropCopy(state: HubCopyState, part: number, copy: CachedPart, error: unknown): void {
  assertOpen(state)
  const { needs, stored, cached } = state
  cached.delete(part)
  if (!copy.isGone())
    needs.log.warn(
      { recordingId: stored.recordingId, part, cause: causeOf(error) },
      'playback.copy-unreadable',
    )
}
