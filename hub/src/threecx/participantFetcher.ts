import type { Clock } from '@3cx-ninja/protocol'
import type { CallControlTuning } from './tuning.ts'

/**
 * Single participants to be fetched after events: waiting, in flight, or done. A newer event makes an answer in
 * flight stale.
 */
export interface ParticipantFetcher {
  /** Fetches the participant after an event, once however many events come meanwhile. */
  request(extension: string, id: number): void
  /** Drops the participant: its state is known otherwise, newer than any answer that is in flight. */
  forget(extension: string, id: number): void
  /** Drops all that waits: a list answers for it. */
  clear(): void
  stop(): void
}

interface ParticipantRef {
  readonly extension: string
  readonly id: number
}

/**
 * Creates the fetcher of single participants: a few at once, a few each second. Calls `onTooMany` instead when so
 * many wait that a list is faster.
 */
export function createParticipantFetcher(needs: {
  readonly clock: Clock
  readonly tuning: CallControlTuning
  /** Does not reject. Resolves with what to do with the answer, if it is still the newest word. */
  readonly fetch: (ref: ParticipantRef) => Promise<() => void>
  readonly onTooMany: () => void
}): ParticipantFetcher {
  const { clock, tuning } = needs
  const waiting = new Map<string, ParticipantRef>()
  const inFlight = new Map<string, { isStale: boolean }>()
  let startedMs: number[] = []
  let cancel: (() => void) | undefined
  let isStopped = false

  const startNext = () => {
    if (isStopped) return
    const nowMs = clock.monotonicMs()
    startedMs = startedMs.filter((atMs) => atMs > nowMs - 1_000)
    for (const [key, ref] of waiting) {
      if (inFlight.size >= tuning.fetchesAtOnce) return
      if (startedMs.length >= tuning.fetchesPerSecond) {
        cancel ??= clock.after((startedMs[0] ?? nowMs) + 1_000 - nowMs, () => {
          cancel = undefined
          startNext()
        })
        return
      }
      if (inFlight.has(key)) continue
      waiting.delete(key)
      startedMs.push(nowMs)
      void fetchOne(key, ref)
    }
  }
  const fetchOne = async (key: string, ref: ParticipantRef) => {
    const fetching = { isStale: false }
    inFlight.set(key, fetching)
    const apply = await needs.fetch(ref)
    inFlight.delete(key)
    if (!fetching.isStale && !isStopped) apply()
    startNext()
  }
  const markStale = (key: string) => {
    const fetching = inFlight.get(key)
    if (fetching) fetching.isStale = true
  }

  return {
    request(extension, id) {
      const key = `${extension}/${id}`
      markStale(key)
      waiting.set(key, { extension, id })
      if (waiting.size > tuning.maxWaitingFetches) needs.onTooMany()
      else startNext()
    },
    forget(extension, id) {
      const key = `${extension}/${id}`
      markStale(key)
      waiting.delete(key)
    },
    clear: () => waiting.clear(),
    stop() {
      isStopped = true
      waiting.clear()
      cancel?.()
    },
  }
}
