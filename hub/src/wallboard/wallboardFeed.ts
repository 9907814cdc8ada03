import {
  DAY_MS,
  HOUR_MS,
  type AgentId,
  type BoardCall,
  type CallId,
  type Clock,
  type Draft,
  hubToWallboard,
  wallboardSnapshot,
  type HubToWallboard,
  type Utterance,
  type WallboardAgent,
  type WallboardFigures,
  type WallboardSnapshot,
  type WallboardTicket,
} from '@3cx-ninja/protocol'
import { countCalls } from './countCalls.ts'
import {
  shownAgent,
  shownCall,
  shownTicket,
  shownUtterance,
  type WallboardPrivacy,
} from './wallboardPrivacy.ts'

/** A finished call stays on the wallboard this long, so that its end can be seen. */
const LINGER_MS = 20_000

export interface WallboardFeed {
  snapshot(): WallboardSnapshot
  call(call: BoardCall): void
  utterance(callId: CallId, utterance: Utterance): void
  presence(agentId: AgentId, name: string, extension: string, online: boolean): void
  draft(draft: Draft, call: BoardCall): void
  hangUpToDraft(afterMs: number): void
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
  readonly tickets: readonly WallboardTicket[]
}

/** What the wallboard shows, kept from facts as they come: counted, never estimated. */
export function createWallboardFeed(needs: WallboardFeedNeeds): WallboardFeed {
  const { clock, privacy } = needs
  const today = new Map<CallId, BoardCall>(needs.calls.map((call) => [call.callId, call]))
  const shown = new Map<CallId, BoardCall>()
  const agents = new Map<AgentId, WallboardAgent>()
  let tickets = [...needs.tickets]
  let waits: number[] = []
  let dayStartMs = startOfDay(clock.nowMs())
  const timers = new Set<() => void>()
  let figuresDue = false

  // The schema cuts every field that is not its own.
  const say = (message: HubToWallboard) => {
    const parsed = hubToWallboard.safeParse(message)
    if (parsed.success) needs.publish(JSON.stringify(parsed.data))
    else needs.onBroken(message.kind)
  }
  const rollDay = () => {
    const startMs = startOfDay(clock.nowMs())
    if (startMs === dayStartMs) return
    dayStartMs = startMs
    waits = []
    tickets = tickets.filter(({ filedAtMs }) => filedAtMs >= startMs)
    for (const [callId, call] of today) if (call.startedAtMs < startMs) today.delete(callId)
    // Who was not here the whole day before may have left the company.
    for (const [agentId, { state, sinceMs }] of agents)
      if (state === 'offline' && sinceMs < startMs - DAY_MS) agents.delete(agentId)
  }
  const figures = (): WallboardFigures => {
    rollDay()
    const calls = [...today.values()].filter(({ startedAtMs }) => startedAtMs >= dayStartMs)
    const counted = countCalls(calls)
    const { total, used: taken } = needs.slots()
    const talked = calls.map((call) =>
      call.talkingSinceMs === undefined ? 0 : (call.endedAtMs ?? clock.nowMs()) - call.talkingSinceMs,
    )
    return {
      sinceMs: dayStartMs,
      callsToday: counted.total,
      missedToday: counted.missed,
      ticketsToday: tickets.length,
      draftsWaiting: needs.draftsWaiting(),
      callsActive: calls.filter(({ phase }) => phase === 'ringing' || phase === 'talking' || phase === 'held')
        .length,
      slotsTotal: total,
      slotsUsed: taken,
      talkMsToday: Math.max(0, Math.round(talked.reduce((sum, ms) => sum + ms, 0))),
      hangUpToDraftMs: median(waits),
    }
  }
  const tellFigures = () => {
    if (figuresDue) return
    figuresDue = true
    const cancel = clock.after(500, () => {
      timers.delete(cancel)
      figuresDue = false
      say({ kind: 'wallboard-figures', figures: figures() })
    })
    timers.add(cancel)
  }
  const agentState = (agentId: AgentId, state: WallboardAgent['state']) => {
    const known = agents.get(agentId)
    if (!known || known.state === state || known.state === 'offline') return // only its link brings it back
    const agent = { ...known, state, sinceMs: clock.nowMs() }
    agents.set(agentId, agent)
    say({ kind: 'wallboard-agent', agent: shownAgent(agent, privacy) })
  }

  const snapshot = (): WallboardSnapshot => {
    const counted = figures() // first: it drops what is of yesterday
    return {
      kind: 'wallboard-snapshot',
      hubTimeMs: clock.nowMs(),
      calls: [...shown.values()].map((call) => ({
        ...shownCall(call, privacy),
        utterances: needs.recent(call.callId).map((one) => shownUtterance(one, privacy)),
      })),
      agents: [...agents.values()].map((agent) => shownAgent(agent, privacy)),
      tickets: tickets.map((ticket) => shownTicket(ticket, privacy)),
      figures: counted,
    }
  }
  /** At midnight every wallboard begins anew, also where nobody calls. */
  const awaitMidnight = () => {
    const nextMs = new Date(dayStartMs).setDate(new Date(dayStartMs).getDate() + 1)
    const cancel = clock.after(Math.max(1_000, nextMs - clock.nowMs()), () => {
      timers.delete(cancel)
      rollDay()
      say(snapshot())
      awaitMidnight()
    })
    timers.add(cancel)
  }
  awaitMidnight()

  return {
    snapshot: () => wallboardSnapshot.parse(snapshot()),
    call(call) {
      today.set(call.callId, call)
      const over = call.phase === 'done' || call.phase === 'missed'
      const tooOld = (call.endedAtMs ?? clock.nowMs()) < clock.nowMs() - HOUR_MS // an offline agent's call of long ago
      if (!tooOld) {
        shown.set(call.callId, call)
        say({ kind: 'wallboard-call', call: shownCall(call, privacy) })
      }
      if (over) {
        const cancel = clock.after(LINGER_MS, () => {
          timers.delete(cancel)
          if (shown.delete(call.callId)) say({ kind: 'wallboard-call-gone', callId: call.callId })
        })
        timers.add(cancel)
      }
      if (call.agentId)
        agentState(call.agentId, over || tooOld ? 'available' : (call.phase as WallboardAgent['state']))
      tellFigures()
    },
    utterance: (callId, utterance) =>
      say({ kind: 'wallboard-utterance', callId, utterance: shownUtterance(utterance, privacy) }),
    presence(agentId, name, extension, online) {
      // An agent that is back in mid-call tells nothing new of it: it is on the wallboard again all the same.
      const on = online
        ? [...today.values()].filter((call) => call.agentId === agentId && isGoingOn(call))
        : []
      for (const call of on) {
        if (shown.has(call.callId)) continue
        shown.set(call.callId, call)
        say({ kind: 'wallboard-call', call: shownCall(call, privacy) })
      }
      const phase = on.at(-1)?.phase as WallboardAgent['state'] | undefined // a call that goes on has a phase that an agent has, too
      const agent: WallboardAgent = {
        agentId,
        name,
        extension,
        state: online ? (phase ?? 'available') : 'offline',
        sinceMs: clock.nowMs(),
      }
      agents.set(agentId, agent)
      say({ kind: 'wallboard-agent', agent: shownAgent(agent, privacy) })
    },
    draft({ state, fields, callId }, call) {
      tellFigures()
      if (state.at !== 'filed' || tickets.some(({ ticketId }) => ticketId === state.ticketId)) return
      const ticket: WallboardTicket = {
        callId,
        ticketId: state.ticketId,
        title: fields.title,
        priority: fields.priority,
        filedAtMs: state.filedAtMs,
        ...(fields.organizationName ? { organizationName: fields.organizationName } : {}),
        ...(call.agentName ? { agentName: call.agentName } : {}),
      }
      tickets = [...tickets, ticket]
      say({ kind: 'wallboard-ticket', ticket: shownTicket(ticket, privacy) })
    },
    hangUpToDraft(afterMs) {
      waits.push(Math.round(afterMs))
      tellFigures()
    },
    stop() {
      for (const cancel of timers) cancel()
    },
  }
}

const isGoingOn = ({ phase }: BoardCall) => phase !== 'done' && phase !== 'missed'

/** Midnight of the hub's own time zone. */
export function startOfDay(nowMs: number): number {
  return new Date(nowMs).setHours(0, 0, 0, 0)
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null
}
