import type { AgentId, CallId, Clock, RecordingId } from '@3cx-ninja/protocol'
import { isDiskFull } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { RecordingStore } from '../recordings/recordingStore.ts'
import type { ErasureList } from './erasureList.ts'
import { MAX_REPEATED_ERASURES, OVERWRITE_RETRY_MS } from './tuning.ts'

/** The rows of an erased recording in the database. Its functions reject with a DatabaseError. */
export interface ErasureStore {
  /** Resolves with those of these recordings whose text the database does not yet have as erased. */
  unerased(recordingIds: readonly RecordingId[]): Promise<readonly RecordingId[]>
  /**
   * Deletes the finals of the recording, refuses later ones, and removes the text of its call from decided drafts and from
   * every write, also of calls that went on from it. That a ticket was filed stays. One transaction.
   */
  erase(erased: { readonly recordingId: RecordingId; readonly callId: CallId }): Promise<void>
  /** Resolves with whether nothing of what was deleted is left in the database's log: a reader may still keep it there. */
  overwrite(): Promise<boolean>
  /** Resolves once the database is written again without its free space. Rejects when the disk has no room for that. */
  rebuild(): Promise<void>
}

/** The parts that hold copies of what is erased. */
export interface ErasuresNeeds {
  readonly list: ErasureList
  readonly store: ErasureStore
  readonly recordings: Pick<RecordingStore, 'remove' | 'state' | 'isErased'>
  readonly clock: Clock
  readonly onErased: (erased: {
    readonly recordingId: RecordingId
    readonly callId: CallId | undefined
  }) => void
}

/** The copies in memory of what is erased, once the parts that hold them are open. */
export interface MemoryCopies {
  /** Forgets the recording's words that are shown now. */
  readonly transcripts: { erase(recordingId: RecordingId, callId: CallId): Promise<void> }
  readonly drafts: { onErased(callId: CallId): Promise<void> }
  /** Called when free space of a restored database could not be overwritten: a person must make room. */
  readonly onNotRebuilt: (error: unknown) => void
}

/**
 * Erasing every copy of a recording: sound, finals, drafts, writes to the helpdesk, and what the database's log keeps of
 * them. An erasure is begun when the list beside the master key has it, and complete when every copy is gone; each start
 * completes what a crash interrupted, and repeats what a data folder from a backup undid.
 */
export interface Erasures {
  /** Resolves once the recording is gone from every table and memory. Rejects when a disk refuses; a repetition goes on. */
  erase(recordingId: RecordingId, callId: CallId | undefined, agentId?: AgentId): Promise<void>
  /** Resolves once nothing that was erased so far can be read in any file of the data folder. Rejects when the database is closed. */
  overwritten(): Promise<void>
  /** Returns the erasures of this agent's recordings, the oldest first: it is notified again after each welcome. */
  ofAgent(agentId: AgentId): readonly RecordingId[]
}

/**
 * Repeats every erasure that is not complete, or that an older data folder undid, on disk and in the database. Resolves with
 * the calls whose open drafts must be erased, too. Runs before any other part reads the database.
 */
export async function repeatErasures(needs: ErasuresNeeds): Promise<readonly CallId[]> {
  const { list, store, recordings } = needs
  const all = list.all()
  const unerased = new Set(await store.unerased(all.map(({ recordingId }) => recordingId)))
  const calls = new Set<CallId>()
  for (const { recordingId, callId } of all) {
    const isBack = !recordings.isErased(recordingId) || recordings.state(recordingId) !== undefined
    if (!isBack && !list.isPending(recordingId) && !(callId && unerased.has(recordingId))) continue
    await eraseStored(needs, recordingId, callId)
    if (callId) calls.add(callId)
  }
  return [...calls]
}

/** Creates the erasures over open parts. `repeated`: calls of `repeatErasures`, whose open drafts are erased now. */
export async function openErasures(
  needs: ErasuresNeeds & MemoryCopies,
  repeated: readonly CallId[],
): Promise<Erasures> {
  const { list, store, recordings, clock } = needs
  const overwritten = createOverwriting(needs)
  for (const callId of repeated) await needs.drafts.onErased(callId)
  for (const { recordingId } of list.all()) await list.done(recordingId)
  if (repeated.length > 0) {
    // What another program deleted in a restored file may still stand in its free space.
    await store.rebuild().catch(needs.onNotRebuilt)
    void overwritten().catch(() => undefined) // the next start does it: closing the database empties its log
  }
  return {
    async erase(recordingId, callId, agentId) {
      const ids = { recordingId, ...(callId ? { callId } : {}), ...(agentId ? { agentId } : {}) }
      const entry = { ...ids, atMs: Math.round(clock.nowMs()) }
      // Of a recording that the hub never had nothing can come back from a backup.
      const isKnown = callId !== undefined || recordings.state(recordingId) !== undefined
      if (isKnown)
        await list.add(entry).catch((error: unknown) => {
          if (!isDiskFull(error)) throw error // destroying needs no room and makes some: the list follows
        })
      await eraseStored(needs, recordingId, callId)
      if (callId !== undefined) {
        await needs.transcripts.erase(recordingId, callId)
        await needs.drafts.onErased(callId)
      }
      if (isKnown) await list.add(entry)
      await list.done(recordingId)
    },
    overwritten,
    ofAgent: (agentId) =>
      list
        .all()
        .flatMap((one) => (one.agentId === agentId ? [one.recordingId] : []))
        .slice(-MAX_REPEATED_ERASURES),
  }
}

/** Erases sound first, then text: after a failure a repetition finds what is left. */
async function eraseStored(
  { recordings, store, onErased }: ErasuresNeeds,
  recordingId: RecordingId,
  callId: CallId | undefined,
): Promise<void> {
  await recordings.remove(recordingId, 'erased')
  if (callId !== undefined) await store.erase({ recordingId, callId })
  onErased({ recordingId, callId })
}

/**
 * Returns the function that empties the database's log: its promise stands for a round that began after the call. Calls that
 * come during a round share the next one, so that a thousand erasures cost two.
 */
function createOverwriting({ store, clock }: Pick<ErasuresNeeds, 'store' | 'clock'>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  const round = async () => {
    next = undefined
    while (!(await store.overwrite()))
      await new Promise<void>((resolve) => void clock.after(OVERWRITE_RETRY_MS, resolve))
  }
  return () => {
    if (next) return next
    next = running.then(round)
    running = next.catch(() => undefined)
    return next
  }
}
