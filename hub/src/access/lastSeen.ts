import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'

/** When a client was last here, by its id. */
export interface Seen {
  readonly id: string
  readonly seenMs: number
}

/** When each client was last here: in memory at once, on the disk a little later. */
export interface LastSeen {
  /** Notes that the client is here now. Nothing waits for it: a client is authorized also while nothing can be written. */
  note(id: string): void
  /** Returns when the client was here, by memory where that is newer than its row. */
  of(row: { readonly id: string; readonly lastSeenMs: number }): number
  /** Stores what is only in memory. Resolves in any case; later notes are not stored. */
  stop(): Promise<void>
}

export interface LastSeenNeeds {
  readonly clock: Clock
  /** Stores all of it or nothing; rejects with a DatabaseError. */
  readonly store: (seen: readonly Seen[]) => Promise<void>
  /** Called for the first of several failures in a row. */
  readonly onNotStored: (error: unknown) => void
}

/** One write for all that come within it: a thousand agents come back at once after a restart. */
const STORE_AFTER_MS = 5 * SECOND_MS

/** Creates the notes, empty: until a client comes, its row is the newest. */
export function createLastSeen({ clock, store, onNotStored }: LastSeenNeeds): LastSeen {
  const newest = new Map<string, number>()
  const unstored = new Set<string>()
  let cancel: (() => void) | undefined
  let storing = Promise.resolve()
  let isFailing = false
  let isStopped = false
  const schedule = () => {
    if (isStopped || cancel || unstored.size === 0) return
    cancel = clock.after(STORE_AFTER_MS, () => {
      cancel = undefined
      storing = storeAll()
    })
  }
  const storeAll = async () => {
    const seen = [...unstored].map((id) => ({ id, seenMs: newest.get(id) ?? 0 }))
    unstored.clear()
    try {
      if (seen.length > 0) await store(seen)
      isFailing = false
    } catch (error) {
      for (const { id } of seen) unstored.add(id)
      if (!isFailing) onNotStored(error)
      isFailing = true
    }
    schedule()
  }
  return {
    note(id) {
      newest.set(id, clock.nowMs())
      unstored.add(id)
      schedule()
    },
    of: ({ id, lastSeenMs }) => Math.max(lastSeenMs, newest.get(id) ?? 0),
    async stop() {
      isStopped = true
      cancel?.()
      await storing
      await storeAll()
    },
  }
}
