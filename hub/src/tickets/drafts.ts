import { createKeyedLanes } from '@3cx-ninja/node-kit/keyedLanes.ts'
import { isActive, type AgentId, type BoardCall, type CallId, type Draft, type DraftId, type Utterance } from '@3cx-ninja/protocol' // prettier-ignore
import { openDraftCache, type DraftListener } from './draftCache.ts'
import { beginDraft } from './draftContent.ts'
import type { DraftRecord } from './draftRecord.ts'
import type { DraftsNeeds, DraftsState } from './draftsState.ts'
import { applyEvent, offerDraft, resumeDraft } from './draftSteps.ts'
import { createDraftShares, type CrowdedAgent } from './draftShares.ts'
import { retryUntilStored, schedule, waitsForTranscript } from './draftTimers.ts'
import { addLateFacts } from './lateText.ts'
import { eraseDraft } from './eraseDraft.ts'
import { inherit } from './handOver.ts'
import { createRequests, type Requests } from './requests.ts'
import { analyzed, saveDraft } from './saveDraft.ts'
import { createTranscribed } from './transcribed.ts'
import { CHANGES_AT_ONCE, DRAFTS_PER_PAUSE, LIVE_UPDATE_MS } from './tuning.ts'

// The drafts: from a call's first report to the writes of its ticket. States: see draftMachine.ts; one draft is always in
// the cache until a day after its decision. Everything is stored before it is reported. Knows no sockets, no database
// and no helpdesk product: those fulfill the ports of draftsState.ts and draftCache.ts.

export interface Drafts extends Requests {
  /** Creates or updates the draft of a call. Resolves after the first try; a failed store is retried every 5 s. */
  onCall(call: BoardCall): Promise<void>
  /** The call as the board has it at a start: continues a collecting draft, or one missing because the hub died. */
  onRestart(call: BoardCall): Promise<void>
  onUtterance(callId: CallId, utterance: Utterance): void
  /** All audio of the call is transcribed. A second report changes nothing, also after a restart. */
  onTranscribed(callId: CallId): Promise<void>
  /** The call's recording was erased: no draft and no write of it keeps what was said. Resolves after the first try. */
  onErased(callId: CallId): Promise<void>
  /** The agent shows the card: the countdown begins. Rule D2. */
  visible(agentId: AgentId, draftId: DraftId): Promise<void>
  agentGone(agentId: AgentId): void
  /**
   * Yields the agent's drafts that are not discarded, each as it is when it is taken: first those to decide now or soon, then
   * the parked ones, then the filed ones, the newest of each first. Rule D1.
   */
  forAgent(agentId: AgentId): Iterable<Draft>
  /** Returns how many drafts `forAgent` yields now. */
  countFor(agentId: AgentId): number
  waiting(): number
  /** Returns whether the hub takes a new call of this agent. */
  hasRoom(agentId: AgentId): boolean
  /** Resolves once so few changes of this agent's drafts wait that its next report may be read. Never rejects. */
  room(agentId: AgentId): Promise<void>
  /** Returns the agents whose drafts come near the bound of one agent, the nearest first. */
  crowded(): readonly CrowdedAgent[]
  onChange(listener: DraftListener): () => void
  /** Calls the listener with the ms from hang-up to the proposed draft, each time. */
  onProposed(listener: (afterMs: number) => void): () => void
  /** Cancels every timer and resolves once all changes under way are stored. */
  stop(): Promise<void>
}

/** Opens the drafts of the store and continues each where the last hub left it. Rejects when the store cannot be read. */
export async function openDrafts(needs: DraftsNeeds): Promise<Drafts> {
  const state = await openState(needs)
  const { outbox } = needs
  outbox.onOutcome(
    ({ callId, event }) =>
      void retryUntilStored(state, 'draft.outcome', callId, () => applyEvent(state, callId, event)),
  )
  for (const record of state.cache.all())
    await retryUntilStored(state, 'draft.restart', record.draft.callId, () => catchUp(state, record))
  return {
    ...createRequests(state),
    onCall: (call) =>
      retryUntilStored(state, 'draft.call', call.callId, () => onCall(state, call), call.agentId ?? null),
    onRestart: (call) =>
      retryUntilStored(
        state,
        'draft.restart',
        call.callId,
        async () => {
          const record = state.cache.of(call.callId)
          if (!record || record.lifecycle.state.at === 'collecting') await onCall(state, call)
        },
        call.agentId ?? null,
      ),
    onUtterance: (callId, utterance) => onUtterance(state, callId, utterance),
    onTranscribed(callId) {
      state.transcribed.add(callId)
      return retryUntilStored(state, 'draft.transcribed', callId, () => offerDraft(state, callId))
    },
    onErased: (callId) => eraseDraft(state, callId, refreshHeir),
    visible: (agentId, draftId) => onVisible(state, agentId, draftId),
    agentGone: (agentId) => onAgentGone(state, agentId),
    ...createDraftShares(state),
    waiting: () => state.cache.index.waiting(),
    onChange: state.cache.onChange,
    onProposed(listener) {
      state.proposedListeners.add(listener)
      return () => void state.proposedListeners.delete(listener)
    },
    stop: () => stop(state),
  }
}

async function openState(needs: DraftsNeeds): Promise<DraftsState> {
  const seen = new Set<DraftId>()
  const cache = await openDraftCache({
    ...needs,
    onUnreadable: (error) => needs.onFailure('draft.unreadable', error),
    onEvicted: ({ draft }) => void seen.delete(draft.draftId),
  })
  const state: DraftsState = {
    needs,
    cache,
    lanes: createKeyedLanes(CHANGES_AT_ONCE),
    seen,
    timers: new Map(),
    liveUpdates: new Map(),
    retries: new Set(),
    transcribed: createTranscribed(needs.clock),
    heirs: heirsOf(cache.all()),
    proposedListeners: new Set(),
    onDue: (record) =>
      waitsForTranscript(record)
        ? offerDraft(state, record.draft.callId)
        : applyEvent(state, record.draft.callId, { kind: 'tick' }),
    isStopped: false,
  }
  return state
}

const heirsOf = (records: readonly DraftRecord[]): Map<CallId, CallId> =>
  new Map(
    records.flatMap(({ call, draft }) => (call.continues ?? []).map((id) => [id, draft.callId] as const)),
  )

async function onCall(state: DraftsState, call: BoardCall): Promise<void> {
  if (call.agentId === undefined) return // only the PBX reports this call: no technician here answered it
  const { needs, cache } = state
  const found = await cache.find(call.callId)
  if (found && found.call.agentId === call.agentId && found.call.revision > call.revision) return
  // A call that was reported only from another telephone has moved to the agent that records it: so does its draft. Rule C6.
  const hasMoved = found !== undefined && found.agentId !== call.agentId
  const record = hasMoved ? await saveDraft(state, { ...found, agentId: call.agentId }) : found
  const isOver = !isActive(call)
  const nowMs = needs.clock.nowMs()
  const endedAtMs = isOver ? (record?.endedAtMs ?? nowMs) : null
  if (!record) {
    const draftId = needs.newId() as DraftId // newId makes ids
    const begun = beginDraft(call, { draftId, nowMs, organizationId: needs.helpdesk.organizationForUnknown })
    const whole = await inherit(state, { ...begun, call, endedAtMs })
    await saveDraft(state, await analyzed(state, whole, 'live'))
    parkOthers(state, call)
    refreshHeir(state, call.callId)
  } else if (record.lifecycle.state.at === 'collecting')
    await saveDraft(state, await inherit(state, { ...record, call, endedAtMs }))
  else if (isOver || !(await resumeDraft(state, record, call))) await addLateFacts(state, record, call)
  if (isOver) await offerDraft(state, call.callId)
}

/** Lets the draft of the call that goes on after a transfer take this one, or what is left of its text. */
function refreshHeir(state: DraftsState, callId: CallId): void {
  const heir = state.heirs.get(callId)
  if (heir === undefined) return
  void retryUntilStored(state, 'draft.handed-over', heir, async () => {
    const record = state.cache.of(heir)
    if (!record || record.lifecycle.sent || record.lifecycle.state.at === 'discarded') return
    const stage = record.lifecycle.state.at === 'collecting' ? 'live' : 'over'
    await saveDraft(state, await analyzed(state, await inherit(state, record), stage))
  })
}

function parkOthers(state: DraftsState, call: BoardCall): void {
  const { cache } = state
  if (!isActive(call) || call.agentId === undefined) return
  for (const draftId of [...cache.index.attendedOf(call.agentId)]) {
    const callId = cache.get(draftId)?.draft.callId
    if (callId === undefined || callId === call.callId) continue
    void retryUntilStored(state, 'draft.park', callId, () => applyEvent(state, callId, { kind: 'new-call' }))
  }
}

function onUtterance(state: DraftsState, callId: CallId, utterance: Utterance): void {
  const { needs, cache, liveUpdates } = state
  if (utterance.state !== 'final' || liveUpdates.has(callId)) return
  if (cache.of(callId)?.lifecycle.state.at !== 'collecting') return
  const update = async () => {
    const record = cache.of(callId)
    if (record?.lifecycle.state.at !== 'collecting' || state.isStopped) return
    await saveDraft(state, await analyzed(state, record, 'live'))
  }
  const due = () => {
    liveUpdates.delete(callId)
    cache.serially(callId, update).catch((error: unknown) => needs.onFailure('draft.live-update', error))
  }
  const pauseMs = LIVE_UPDATE_MS * (1 + liveUpdates.size / DRAFTS_PER_PAUSE)
  liveUpdates.set(callId, needs.clock.after(pauseMs, due))
}

async function onVisible(state: DraftsState, agentId: AgentId, draftId: DraftId): Promise<void> {
  const record = state.cache.get(draftId)
  if (record?.agentId !== agentId) return
  state.seen.add(draftId)
  const { callId } = record.draft
  await retryUntilStored(state, 'draft.visible', callId, () => applyEvent(state, callId, { kind: 'visible' }))
}

function onAgentGone(state: DraftsState, agentId: AgentId): void {
  const { cache, seen } = state
  // Only an attended draft is on a card whose countdown can run; of any other, `unseen` changes nothing.
  for (const draftId of [...cache.index.of(agentId)]) seen.delete(draftId)
  for (const draftId of [...cache.index.attendedOf(agentId)]) {
    const draft = cache.get(draftId)?.draft
    if (draft?.state.at !== 'countdown') continue
    void retryUntilStored(state, 'draft.unseen', draft.callId, () =>
      applyEvent(state, draft.callId, { kind: 'unseen' }),
    )
  }
}

/** Continues a draft after a restart of the hub: no screen shows its card, and its ticket may be filed by now. */
async function catchUp(state: DraftsState, loaded: DraftRecord): Promise<void> {
  const { callId, draftId } = loaded.draft
  const { lifecycle } = state.cache.of(callId) ?? loaded
  await applyEvent(state, callId, { kind: 'unseen' })
  if (lifecycle.sent && lifecycle.state.at !== 'filed') {
    const event = await state.needs.outbox.outcomeOf(draftId)
    if (event) await applyEvent(state, callId, event)
  }
  const now = state.cache.of(callId)
  if (now) schedule(state, now)
}

async function stop(state: DraftsState): Promise<void> {
  state.isStopped = true
  for (const cancel of [...state.timers.values(), ...state.liveUpdates.values(), ...state.retries]) cancel()
  await state.lanes.idle()
  await state.cache.idle()
  for (const cancel of state.timers.values()) cancel()
}
