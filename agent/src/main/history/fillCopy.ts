import { causeOf } from '../process/log.ts'
import type { CachedPart } from './cachedPart.ts'
import {
  copyOf,
  endOfPart,
  isFromHub,
  requestRecords,
  wake,
  withRetries,
  type HubCopyState,
  type StoredPart,
} from './hubCopyState.ts'
import { isGoneForGood, whyOf } from './noSound.ts'

/** Starts filling the copy from its beginning in the background, unless it is being filled. Never throws: failures are logged. */
export function startFilling(state: HubCopyState): void {
  const { needs, stored, ending } = state
  needs.cache.used(stored.recordingId)
  if (state.endedBecause || state.fill.at === 'part') return
  state.fill = { at: 'part', part: stored.parts[0]?.header.part ?? 0 }
  state.filling = fillAll(state)
    .catch((error: unknown) => {
      // A disk that refuses the copy keeps nobody from listening: each stretch is requested by itself.
      state.fill = { at: 'rest' }
      if (ending.signal.aborted) return
      needs.log.warn({ recordingId: stored.recordingId, cause: causeOf(error) }, 'playback.not-copied')
      if (isFromHub(error) && isGoneForGood(whyOf(error))) needs.onGone(whyOf(error))
    })
    .finally(() => wake(state))
}

export const isFilling = ({ fill }: HubCopyState, part: number): boolean =>
  fill.at === 'part' && fill.part === part

async function fillAll(state: HubCopyState): Promise<void> {
  for (const part of state.stored.parts) {
    if ((copyOf(state, part.header.part)?.position ?? 0) >= endOfPart(state, part)) continue
    state.fill = { at: 'part', part: part.header.part }
    await fillPart(state, part)
  }
  state.fill = { at: 'rest' }
  reportProgress(state, 'now')
}

async function fillPart(state: HubCopyState, part: StoredPart): Promise<void> {
  const { needs, stored, ending, cached, short } = state
  const copy = await needs.cache.open(part.header, part.position)
  cached.set(part.header.part, copy)
  wake(state)
  reportProgress(state, 'now')
  while (copy.position < endOfPart(state, part) && !ending.signal.aborted) {
    if (!(await needs.cache.makeRoom(stored.recordingId))) return
    let reached = copy.position
    const hasProgressed = () => {
      const hasGrown = copy.position > reached
      reached = copy.position
      return hasGrown
    }
    if ((await withRetries(state, () => fillSome(state, part, copy), hasProgressed)) === 'short')
      short.set(part.header.part, copy.position)
  }
  if (copy.position >= endOfPart(state, part)) await copy.finish()
}

/** Copies the records of one request. Resolves with 'short' when the hub has fewer records than it reported. */
async function fillSome(state: HubCopyState, part: StoredPart, copy: CachedPart): Promise<'grown' | 'short'> {
  const from = copy.position
  const limit = Math.min(state.needs.tuning.fillRecords, part.position - from)
  for await (const records of requestRecords(state, part, { from: { sequence: from }, limit })) {
    await copy.append(records)
    wake(state)
    reportProgress(state, 'sometimes')
  }
  return copy.position > from ? 'grown' : 'short'
}

function reportProgress(state: HubCopyState, when: 'now' | 'sometimes'): void {
  const { clock, tuning, onProgress } = state.needs
  const nowMs = clock.monotonicMs()
  if (when === 'sometimes' && nowMs - state.reportedMs < tuning.progressMs) return
  state.reportedMs = nowMs
  const { parts } = state.stored
  const all = parts.reduce((sum, part) => sum + endOfPart(state, part), 0)
  const here = parts.reduce((sum, { header }) => sum + (copyOf(state, header.part)?.position ?? 0), 0)
  onProgress(all === 0 ? 1 : Math.min(1, here / all))
}
