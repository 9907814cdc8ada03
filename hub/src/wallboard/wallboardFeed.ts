import {
  DAY_MS,
  HOUR_MS,
  isActive,
  isSettled,
  type AgentId,
  type BoardCall,
  type CallId,
  type Clock,
  type Draft,
  hubToWallboard,
  wallboardAgent,
  wallboardCall,
  wallboardTicket,
  type HubToWallboard,
  type Utterance,
  type WallboardAgent,
  type WallboardFigures,
  type WallboardSnapshot,
} from '@3cx-ninja/protocol'
import { countCalls } from './countCalls.ts'
import { createShownCalls, type ShownCalls } from './shownCalls.ts'
import { readable } from './readable.ts'
import { FIGURES_MS, LINGER_MS, SHOWN_PER_AGENT, SHOWN_TICKETS } from './tuning.ts'
import {
  shownAgent,
  shownCall,
  shownTicket,
  shownUtterance,
  shownUtterances,
  type FiledTicket,
  type WallboardPrivacy,
} from './wallboardPrivacy.ts'

/** The wallboards' view of the company, fed with facts as they come; each change is published once, masked, under keys of its own. Rules T1 to T6. */
export interface WallboardFeed {
  /** Returns the whole state for a wallboard that has just connected. */
  snapshot(): WallboardSnapshot
  /** Applies a call's new state; publishes it unless the call ended over an hour ago. */
  call(call: BoardCall): void
  /** Publishes an utterance of an active call, masked, and again the earlier ones of which it completes a number. */
  utterance(callId: CallId, utterance: Utterance): void
  /** Applies that an agent connected or left; publishes its state, and its active calls again when it is back. */
  presence(agentId: AgentId, name: string, extension: string, online: boolean): void
  /** Counts a draft; publishes its ticket once it is filed. */
  draft(draft: Draft, call: BoardCall): void
  /** Adds one measured time from hang-up to draft to today's median. */
  hangUpToDraft(afterMs: number): void
  /** Stops all timers; nothing is published afterwards. */
  stop(): void
}

export interface WallboardFeedNeeds {
  readonly clock: Clock
  readonly publish: (text: string) => void
  readonly privacy: WallboardPrivacy
  /** Called with the kind of a message that breaks its schema; the message is not sent, since it would close the links. */
  readonly onBroken: (kind: string) => void
  readonly recent: (callId: CallId) => readonly Utterance[]
  readonly slots: () => { readonly total: number; readonly used: number }
  readonly draftsWaiting: () => number
  /** Today's calls and tickets from before this start. */
  readonly calls: readonly BoardCall[]
  readonly tickets: readonly FiledTicket[]
}

interface FeedState {
  readonly needs: WallboardFeedNeeds
  /** Calls of today, for the figures. */
  readonly today: Map<CallId, BoardCall>
  readonly shown: ShownCalls
  readonly agents: Map<AgentId, WallboardAgent>
  tickets: readonly FiledTicket[]
  /** Times from hang-up to draft, of today. */
  waits: number[]
  dayStartMs: number
  figuresDue: boolean
  readonly timers: Set<() => void>
}

/**
 * Creates the feed from today's stored calls and tickets. Its figures are counted, never estimated. It lives until `stop`,
 * and starts a new day at midnight. It knows nothing of sockets: `publish` sends to every wallboard.
 */
export function createWallboardFeed(needs: WallboardFeedNeeds): WallboardFeed {
  const state: FeedState = {
    needs,
    today: new Map(needs.calls.map((call) => [call.callId, call])),
    shown: createShownCalls(SHOWN_PER_AGENT),
    agents: new Map(),
    tickets: needs.tickets,
    waits: [],
    dayStartMs: startOfDay(needs.clock.nowMs()),
    figuresDue: false,
    timers: new Set(),
  }
  awaitMidnight(state)
  return {
    snapshot: () => snapshotOf(state),
    call: (call) => applyCall(state, call),
    utterance(callId, utterance) {
      for (const shown of shownUtterance(utterance, needs.recent(callId), needs.privacy))
        publish(state, {
          kind: 'wallboard-utterance',
          callId: needs.privacy.keyOf(callId),
          utterance: shown,
        })
    },
    presence(agentId, name, extension, online) {
      applyPresence(state, { agentId, name, extension, online })
    },
    draft: (draft, call) => applyDraft(state, draft, call),
    hangUpToDraft(afterMs) {
      state.waits.push(Math.round(afterMs))
      publishFiguresSoon(state)
    },
    stop() {
      for (const cancel of state.timers) cancel()
    },
  }
}

/** Publishes the message with the fields of its schema and no others. */
function publish({ needs }: FeedState, message: HubToWallboard): void {
  const parsed = hubToWallboard.safeParse(message)
  if (parsed.success) needs.publish(JSON.stringify(parsed.data))
  else needs.onBroken(message.kind)
}

function after(state: FeedState, delayMs: number, act: () => void): void {
  const cancel = state.needs.clock.after(delayMs, () => {
    state.timers.delete(cancel)
    act()
  })
  state.timers.add(cancel)
}

function rollDay(state: FeedState): void {
  const startMs = startOfDay(state.needs.clock.nowMs())
  if (startMs === state.dayStartMs) return
  state.dayStartMs = startMs
  state.waits = []
  state.tickets = state.tickets.filter(({ filedAtMs }) => filedAtMs >= startMs)
  for (const [callId, call] of state.today) if (call.startedAtMs < startMs) state.today.delete(callId)
  // An agent that was offline the whole day before may have left the company.
  for (const [agentId, { state: at, sinceMs }] of state.agents)
    if (at === 'offline' && sinceMs < startMs - DAY_MS) state.agents.delete(agentId)
}

function figuresOf(state: FeedState): WallboardFigures {
  rollDay(state)
  const { needs, today, dayStartMs, tickets, waits } = state
  const nowMs = needs.clock.nowMs()
  const calls = [...today.values()].filter(({ startedAtMs }) => startedAtMs >= dayStartMs)
  const counted = countCalls(calls)
  const { total, used } = needs.slots()
  const talkMs = calls.map(({ talkingSinceMs, endedAtMs }) =>
    talkingSinceMs === undefined ? 0 : Math.min(DAY_MS, Math.max(0, (endedAtMs ?? nowMs) - talkingSinceMs)),
  )
  return {
    sinceMs: dayStartMs,
    callsToday: counted.total,
    missedToday: counted.missed,
    ticketsToday: tickets.length,
    draftsWaiting: needs.draftsWaiting(),
    callsActive: calls.filter(isActive).length,
    slotsTotal: total,
    slotsUsed: used,
    talkMsToday: Math.round(talkMs.reduce((sum, ms) => sum + ms, 0)),
    hangUpToDraftMs: median(waits),
  }
}

function publishFiguresSoon(state: FeedState): void {
  if (state.figuresDue) return
  state.figuresDue = true
  after(state, FIGURES_MS, () => {
    state.figuresDue = false
    publish(state, { kind: 'wallboard-figures', figures: figuresOf(state) })
  })
}

function snapshotOf(state: FeedState): WallboardSnapshot {
  const { needs, shown, agents } = state
  const read = readable(needs.onBroken)
  const figures = figuresOf(state) // first: it drops yesterday's rows
  return {
    kind: 'wallboard-snapshot',
    hubTimeMs: needs.clock.nowMs(),
    calls: [...shown.values()].flatMap((call) => {
      const utterances = shownUtterances(needs.recent(call.callId), needs.privacy)
      return read(wallboardCall, { ...shownCall(call, needs.privacy), utterances })
    }),
    agents: [...agents.values()].flatMap((agent) => read(wallboardAgent, shownAgent(agent, needs.privacy))),
    tickets: state.tickets
      .slice(-SHOWN_TICKETS)
      .flatMap((ticket) => read(wallboardTicket, shownTicket(ticket, needs.privacy))),
    figures,
  }
}

/** Publishes a new snapshot at midnight, so that every wallboard starts the day again, also where no call comes. */
function awaitMidnight(state: FeedState): void {
  const { clock } = state.needs
  const nextMs = new Date(state.dayStartMs).setDate(new Date(state.dayStartMs).getDate() + 1)
  after(state, Math.max(1_000, nextMs - clock.nowMs()), () => {
    rollDay(state)
    publish(state, snapshotOf(state))
    awaitMidnight(state)
  })
}

function show(state: FeedState, call: BoardCall): void {
  if (!state.shown.put(call)) return
  publish(state, { kind: 'wallboard-call', call: shownCall(call, state.needs.privacy) })
}

function applyCall(state: FeedState, call: BoardCall): void {
  const { clock } = state.needs
  state.today.set(call.callId, call)
  const isOld = (call.endedAtMs ?? clock.nowMs()) < clock.nowMs() - HOUR_MS // reported late by an agent that was offline
  if (!isOld) show(state, call)
  if (isSettled(call))
    after(state, LINGER_MS, () => {
      if (state.shown.delete(call.callId))
        publish(state, { kind: 'wallboard-call-gone', callId: state.needs.privacy.keyOf(call.callId) })
    })
  if (call.agentId) applyAgentState(state, call.agentId, isOld ? 'available' : agentStateOf(call))
  publishFiguresSoon(state)
}

function applyAgentState(state: FeedState, agentId: AgentId, next: WallboardAgent['state']): void {
  const current = state.agents.get(agentId)
  if (!current || current.state === next || current.state === 'offline') return // only its link brings it back
  setAgent(state, { ...current, state: next, sinceMs: state.needs.clock.nowMs() })
}

function agentStateOf({ phase }: BoardCall): WallboardAgent['state'] {
  return phase === 'done' || phase === 'missed' ? 'available' : phase
}

function setAgent(state: FeedState, agent: WallboardAgent): void {
  state.agents.set(agent.agentId, agent)
  publish(state, { kind: 'wallboard-agent', agent: shownAgent(agent, state.needs.privacy) })
}

function applyPresence(
  state: FeedState,
  {
    agentId,
    name,
    extension,
    online,
  }: { agentId: AgentId; name: string; extension: string; online: boolean },
): void {
  // An agent that is back in mid-call reports no change of it; its call is shown on the wallboard again all the same.
  const active = online
    ? [...state.today.values()].filter((call) => call.agentId === agentId && !isSettled(call))
    : []
  for (const call of active) if (!state.shown.has(call.callId)) show(state, call)
  const last = active.at(-1)
  const sinceMs = state.needs.clock.nowMs()
  setAgent(state, {
    agentId,
    name,
    extension,
    state: online && last ? agentStateOf(last) : online ? 'available' : 'offline',
    sinceMs,
  })
}

function applyDraft(state: FeedState, { state: at, fields, callId }: Draft, call: BoardCall): void {
  publishFiguresSoon(state)
  if (at.at !== 'filed' || state.tickets.some(({ ticketId }) => ticketId === at.ticketId)) return
  const ticket: FiledTicket = {
    callId,
    ticketId: at.ticketId,
    title: fields.title,
    priority: fields.priority,
    filedAtMs: at.filedAtMs,
    ...(fields.organizationName ? { organizationName: fields.organizationName } : {}),
    ...(call.agentName ? { agentName: call.agentName } : {}),
  }
  state.tickets = [...state.tickets, ticket]
  publish(state, { kind: 'wallboard-ticket', ticket: shownTicket(ticket, state.needs.privacy) })
}

/** Returns midnight of the day in the hub's own time zone. */
export function startOfDay(nowMs: number): number {
  return new Date(nowMs).setHours(0, 0, 0, 0)
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null
}
