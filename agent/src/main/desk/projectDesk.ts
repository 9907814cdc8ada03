import type { CallId, CallSnapshot, DraftState } from '@3cx-ninja/protocol'
import type { DeskCall, DeskDraft, DeskHub, DeskSnapshot } from '../../ipc/deskSnapshot.ts'
import type { AgentView } from '../app/agentEvents.ts'
import { isDecided, shownFields, type DraftCard } from '../drafts/draftBoard.ts'
import { fieldsOf } from '../drafts/changedFields.ts'
import { checklistOf } from './checklist.ts'
import { localCallId, type DeskState, type CallEntry, type Moment } from './deskState.ts'
import { projectPendingChange } from './projectPendingChange.ts'
import { projectSettings, type SettingsView } from './projectSettings.ts'

export interface DeskView {
  readonly version: string
  readonly setUp: DeskSnapshot['setUp']
  readonly view: AgentView
  readonly settings: SettingsView
  readonly listening: boolean
  readonly soundOrigins: DeskSnapshot['soundOrigins']
  readonly app: DeskSnapshot['settings']['app']
}

/** 100 ms of both channels are two records. */
const MS_PER_RECORD = 50

/**
 * Parked drafts in one snapshot, the newest: a page that gets ten thousand ten times a second does nothing else. An older one
 * comes when a newer one is decided, and from the history at any time.
 */
const MAX_PARKED = 200

/** Returns everything the page shows, as of now. Pure. */
export function projectDesk(state: DeskState, context: DeskView, now: Moment): DeskSnapshot {
  const { view, settings } = context
  const shown = shownCall(state, view)
  const onScreen = new Set(view.calls.map(({ callId }) => callId))
  if (shown) onScreen.add(shown)
  const calls = [...state.calls.values()].filter(({ call }) => onScreen.has(call.callId))
  const projected = calls.map((entry) => projectCall(entry, view.consentConfirmed, now))
  return {
    version: context.version,
    setUp: context.setUp,
    hub: projectHub(state, context, now),
    waiting: {
      recordings: view.replicas.length,
      soundMs: view.replicas.reduce(
        (sum, { records, flushed }) => sum + Math.max(0, records - flushed) * MS_PER_RECORD,
        0,
      ),
      reports: view.unconfirmed,
      pendingChanges: view.drafts.filter(({ pending }) => pending && pending.stage.at !== 'undelivered')
        .length,
    },
    consentConfirmed: view.consentConfirmed,
    calls: projected,
    ...(shown ? { shown } : {}),
    drafts: projectDrafts(state, view.drafts, { shown, calls: projected }, now),
    alarms: [...view.alarms],
    listening: context.listening,
    soundOrigins: context.soundOrigins,
    userErrors: [...state.userErrors],
    settings: projectSettings(settings, view.rules, context.app),
  }
}

/** Returns the call at hand; without one, the last call. */
export function shownCall(state: DeskState, view: Pick<AgentView, 'calls'>): CallId | undefined {
  const nearness = ({ phase }: CallSnapshot) => ['held', 'ringing', 'talking'].indexOf(phase)
  const alive = view.calls
    .filter((call) => state.calls.has(call.callId) && nearness(call) >= 0)
    .sort((a, b) => nearness(b) - nearness(a))
  return alive[0]?.callId ?? [...state.calls.keys()].at(-1)
}

export function projectCall(
  { call, caller, byHand, join }: CallEntry,
  consented: boolean,
  now: Moment,
): DeskCall {
  const { talkingSinceMs: since, endedAtMs: end } = call
  const name = caller?.contactName ?? call.remoteName
  return {
    callId: call.callId,
    phase: call.phase,
    direction: call.direction,
    ...(call.remoteNumber ? { number: call.remoteNumber } : {}),
    ...(name ? { name } : {}),
    ...(caller?.organizationName ? { organization: caller.organizationName } : {}),
    ...(caller ? { match: caller.match } : {}),
    ...(join ? { join } : {}),
    startedAtMs: call.startedAtMs,
    talk:
      since === undefined
        ? { at: 'not-yet' }
        : end === undefined
          ? { at: 'on', forMs: Math.max(0, now.wallClockMs - since) }
          : { at: 'over', forMs: Math.max(0, end - since) },
    ...(call.recordingId ? { recordingId: call.recordingId } : {}),
    recording: projectRecording(call, consented),
    byHand,
  }
}

function projectRecording({ recording, elsewhere }: CallSnapshot, consented: boolean): DeskCall['recording'] {
  switch (recording) {
    case 'refused':
      return { at: 'refused', why: consented ? 'opted-out' : 'no-consent' }
    case 'recording':
      return { at: 'on' }
    case 'none':
      return { at: elsewhere ? 'elsewhere' : 'none' }
    case 'paused':
    case 'complete':
    case 'erased':
      return { at: recording }
  }
}

function projectDrafts(
  state: DeskState,
  cards: readonly DraftCard[],
  { shown, calls }: { readonly shown: CallId | undefined; readonly calls: readonly DeskCall[] },
  now: Moment,
): DeskDraft[] {
  return newestOf(cards)
    .map((card) => ({ card, callId: localCallId(state, card.draft.callId) }))
    .filter(({ card, callId }) => !isDecided(card) || callId === shown)
    .sort(
      (a, b) =>
        Number(b.callId === shown) - Number(a.callId === shown) ||
        a.card.draft.createdAtMs - b.card.draft.createdAtMs,
    )
    .map(({ card, callId }) => {
      const fields = shownFields(card)
      const call = calls.find((each) => each.callId === callId)
      return {
        draft: { ...card.draft, fields, state: asOfNow(card, now) },
        callId,
        pending: card.pending !== undefined && fieldsOf(card.pending.changes).length > 0,
        ...(card.pending ? { pendingChange: projectPendingChange(card.pending, card.draft) } : {}),
        ...(card.refused ? { refused: card.refused } : {}),
        checklist: [...checklistOf({ call, fields, lines: state.transcripts.get(callId) ?? [] })],
      }
    })
}

/** Returns the cards without the parked ones that are too many; a card with a pending change stays. */
function newestOf(cards: readonly DraftCard[]): readonly DraftCard[] {
  const parked = cards.filter(({ draft, pending }) => draft.state.at === 'parked' && !pending)
  if (parked.length <= MAX_PARKED) return cards
  const byAge = parked.sort((a, b) => a.draft.createdAtMs - b.draft.createdAtMs)
  const left = new Set(byAge.slice(0, -MAX_PARKED))
  return cards.filter((card) => !left.has(card))
}

/** Remaining times count from their receipt. Rule D6. */
function asOfNow({ draft, receivedMs }: DraftCard, now: Moment): DraftState {
  const { state } = draft
  const left = (ms: number) => Math.max(0, Math.round(ms - (now.monotonicMs - receivedMs)))
  if (state.at === 'countdown') return { ...state, remainingMs: left(state.remainingMs) }
  if (state.at === 'filing') return { ...state, undoRemainingMs: left(state.undoRemainingMs) }
  return state
}

function projectHub(state: DeskState, { settings, setUp }: DeskView, now: Moment): DeskHub {
  const { link, hubName } = state
  const address = settings.value.hub
  return {
    at: hubAt(link, { address, setUp }),
    ...(hubName ? { name: hubName } : {}),
    ...(address ? { address } : {}),
    ...(link.why ? { why: link.why.slice(0, 600) } : {}),
    forMs: Math.max(0, Math.round(now.monotonicMs - link.sinceMs)),
  }
}

function hubAt(
  { at, why }: DeskState['link'],
  { address, setUp }: { readonly address: string | undefined; readonly setUp: DeskView['setUp'] },
): DeskHub['at'] {
  if (!address) return 'not-set'
  switch (at) {
    case 'not-enrolled':
      return setUp === 'needed' ? 'not-enrolled' : 'opening'
    case 'opening':
    case 'greeting':
      return why === undefined ? 'opening' : 'away' // a new attempt still counts as away
    case 'open':
      return 'open'
    case 'waiting':
    case 'stopped':
      return 'away'
    case 'refused':
      return 'refused'
  }
}
