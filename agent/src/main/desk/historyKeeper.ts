import type { CallId, CallSnapshot, Clock, Draft, RecordingId } from '@3cx-ninja/protocol'
import { createSerialQueue, type SerialQueue } from '@3cx-ninja/node-kit/serialQueue.ts'
import type { DraftCard } from '../drafts/draftBoard.ts'
import type { History } from '../history/historyStore.ts'
import type { KeptCall } from '../history/keptCall.ts'
import { causeOf, type Logger } from '../process/log.ts'
import { localCallId, type DeskInput, type DeskState } from './deskState.ts'
import { settleLines } from './transcripts.ts'
import type { DeskTuning } from './tuning.ts'

interface KeeperNeeds {
  readonly clock: Clock
  readonly log: Logger
  readonly tuning: Pick<DeskTuning, 'keepMs'>
  readonly history: Pick<History, 'open' | 'keep' | 'withRecording'>
  readonly cards: () => readonly DraftCard[]
}

interface KeeperState {
  readonly needs: KeeperNeeds
  /** Calls that are newer than the history. */
  readonly dirty: Set<CallId>
  /** Recordings erased after their call left the memory: their words are on disk only. */
  readonly erased: Set<RecordingId>
  readonly writes: SerialQueue
  cancelWrite: (() => void) | undefined
  latest: DeskState | undefined
}

/**
 * Creates the writer of running calls into the history. A call is clean, or dirty until the next write: some seconds after a change,
 * many lines at once; at once, and without its lines, when it was erased. Knows nothing of files: those live in historyStore.ts.
 */
export function createHistoryKeeper(needs: KeeperNeeds) {
  const keeper: KeeperState = {
    needs,
    dirty: new Set(),
    erased: new Set(),
    writes: createSerialQueue(),
    cancelWrite: undefined,
    latest: undefined,
  }
  return {
    /** Marks the call that the input changed, to be written soon. Never throws: a failed write is logged and repeated. */
    changed: (input: DeskInput, previous: DeskState, state: DeskState) =>
      changed(keeper, input, { previous, state }),
    /** Resolves once everything dirty has been written, or has been logged as failed. */
    async flush(state: DeskState) {
      keeper.cancelWrite?.()
      keeper.cancelWrite = undefined
      await write(keeper, state)
    },
  }
}

function changed(
  keeper: KeeperState,
  input: DeskInput,
  { previous, state }: { readonly previous: DeskState; readonly state: DeskState },
): void {
  const { needs, dirty, erased } = keeper
  keeper.latest = state
  if (input.kind === 'recording' && input.state === 'erased') {
    erased.add(input.recordingId)
    void write(keeper, state)
    return
  }
  const callId = changedCall(input, state)
  if (!callId) return
  dirty.add(callId)
  const isErased = (desk: DeskState) => desk.calls.get(callId)?.call.recording === 'erased'
  if (isErased(state) && !isErased(previous)) {
    void write(keeper, state)
    return
  }
  keeper.cancelWrite ??= needs.clock.after(needs.tuning.keepMs, () => {
    keeper.cancelWrite = undefined
    if (keeper.latest) void write(keeper, keeper.latest)
  })
}

function write(keeper: KeeperState, state: DeskState): Promise<void> {
  // By now the history may have named the call of a draft that came under the hub's id.
  const ids = new Set([...keeper.dirty].map((callId) => localCallId(state, callId)))
  keeper.dirty.clear()
  return keeper.writes.run(async () => {
    await writeCalls(keeper, ids, state)
    await writeErasures(keeper)
  })
}

async function writeCalls(
  { needs, dirty }: KeeperState,
  ids: ReadonlySet<CallId>,
  state: DeskState,
): Promise<void> {
  // Once for all: after a welcome thousands of drafts may have changed.
  const drafts = new Map(needs.cards().map(({ draft }) => [localCallId(state, draft.callId), draft]))
  for (const callId of ids) {
    try {
      const kept = await keptOf(needs, callId, state, drafts.get(callId))
      if (kept) await needs.history.keep(kept)
    } catch (error) {
      dirty.add(callId) // written with the next change, or at the end
      needs.log.error({ callId, cause: causeOf(error) }, 'history.not-kept')
    }
  }
}

async function writeErasures({ needs, erased }: KeeperState): Promise<void> {
  const { history, log } = needs
  for (const recordingId of [...erased]) {
    try {
      const kept = await history.withRecording(recordingId)
      // The hub repeats its erasures after each welcome.
      const isLeft = kept && (kept.call.recording !== 'erased' || kept.lines.length > 0)
      if (isLeft) await history.keep({ ...kept, call: { ...kept.call, recording: 'erased' }, lines: [] })
      erased.delete(recordingId)
    } catch (error) {
      log.error({ recordingId, cause: causeOf(error) }, 'history.not-erased')
    }
  }
}

async function keptOf(
  needs: KeeperNeeds,
  callId: CallId,
  state: DeskState,
  draft: Draft | undefined,
): Promise<KeptCall | undefined> {
  const entry = state.calls.get(callId)
  const changedAtMs = needs.clock.nowMs()
  const kept = await needs.history.open(callId)
  if (!entry) return kept && draft ? { ...kept, draft, changedAtMs } : undefined
  const lines = settleLines(state.transcripts.get(callId) ?? [])
  const { call, canonicalId, caller } = entry
  const made = draft ?? kept?.draft // the hub forgets a decided draft before this PC does
  // After a restart in mid-call only the newest lines come again.
  const older = call.recording === 'erased' ? [] : (kept?.lines ?? [])
  const missing = older.filter(({ id }) => !lines.some((line) => line.id === id))
  return {
    version: 1,
    call,
    ...(canonicalId ? { canonicalId } : {}),
    ...(caller ? { caller } : {}),
    ...(made ? { draft: made } : {}),
    lines: [...missing, ...lines].sort((a, b) => a.part - b.part || a.fromMs - b.fromMs),
    changedAtMs,
  }
}

/** Returns whether the call only rings, or was answered by a colleague: the history omits it. */
const isNobodysHere = ({ phase, talkingSinceMs }: CallSnapshot) =>
  phase === 'ringing' || (phase === 'done' && talkingSinceMs === undefined)

function changedCall(input: DeskInput, state: DeskState): CallId | undefined {
  switch (input.kind) {
    case 'call':
      return isNobodysHere(input.call) ? undefined : input.call.callId
    case 'identified':
    case 'marked':
    case 'device':
      return input.callId
    case 'draft':
      return localCallId(state, input.callId)
    case 'utterance':
      return input.utterance.state === 'final' ? localCallId(state, input.callId) : undefined
    case 'enrolled':
    case 'link':
    case 'settings':
    case 'recording':
    case 'pending-change':
    case 'alarm':
    case 'user-error':
    case 'asked-to-start':
    case 'remembered':
    case 'dismissed':
      return undefined
  }
}
