import { createFairQueue, type FairQueue } from '@3cx-ninja/node-kit/fairQueue.ts'
import {
  DAY_MS,
  HOUR_MS,
  boardCall,
  type AgentId,
  type BoardCall,
  type CallId,
  type CallerIdentity,
  type Clock,
} from '@3cx-ninja/protocol'
import { z } from 'zod'
import { createCallIndex, type CallIndex } from './callIndex.ts'
import { findForAgent, mayReport, mergeAgentReport, type AgentReport } from './joinCall.ts'
import { saidOnBoard, takenApart, withJoin } from './join.ts'
import { createLegs, type Legs } from './legs.ts'
import { createPbxClock, type PbxClock, type PbxClockState } from './pbxClock.ts'
import { createPbxCalls, type PbxCalls } from './pbxCalls.ts'
import { callsTuning } from './tuning.ts'

/** How far back the board reaches when a fact arrives late: an agent that was offline over a weekend. */
const BOARD_MS = 7 * DAY_MS
/** An older call stays this long after its last fact: an agent that was offline for longer replicates its recordings now. */
const RECENT_FACT_MS = DAY_MS

/** Durable memory of the call board. */
export interface CallStore {
  /** Resolves once the call and its aliases are durable. Rejects when the database cannot write. */
  save(call: BoardCall, aliases: readonly string[]): Promise<void>
  since(fromMs: number): Promise<{
    readonly calls: readonly unknown[]
    readonly aliases: readonly { alias: string; callId: string }[]
  }>
  /** Resolves with the call of this id or alias, however old; undefined for one never stored, or deleted by retention. */
  stored(id: string): Promise<unknown>
}

/**
 * The call board: which calls there are, under one id each, independent of the reporter. It decides identity, nothing else; a call's
 * phases are those of callPhase in protocol. A call leaves the board a week after its start, unless facts still arrive.
 * Knows nothing of sockets (sockets/), of the PBX's protocols (threecx/) or of tickets (tickets/).
 */
export interface Calls extends PbxCalls {
  /**
   * Resolves with the call once the report is durable: only then may the agent forget it. Older revisions change nothing, and
   * the report of an agent that does not own the call changes nothing: then the call has another `agentId`. Rule C9.
   */
  report(report: AgentReport): Promise<BoardCall>
  /** Resolves with the agent's call once the PBX's facts are out of it; undefined: it is no call of this agent. Rule C13. */
  takeBackJoin(agentId: AgentId, callId: CallId): Promise<BoardCall | undefined>
  /** Returns how the PBX's clock differs from the hub's. Rule C12. */
  pbxClock(): PbxClockState
  /** Applies the time at which the PBX says that it answered just now. */
  pbxDated(dateMs: number): void
  /** Applies the hub's own conclusion about a call, in turn with the facts. Returning the same object changes nothing. */
  conclude(callId: CallId, how: (call: BoardCall) => BoardCall): Promise<BoardCall | undefined>
  /** Returns the call of this canonical id or alias, if the board has it. */
  find(id: string): BoardCall | undefined
  /** Returns the id by which the call's agent knows the call: not the canonical one where the PBX reported the call first. */
  agentsIdOf(callId: CallId): CallId
  list(): readonly BoardCall[]
  /** Returns the calls of this agent that are neither done nor missed, the first reported first. */
  unsettledOf(agentId: AgentId): readonly BoardCall[]
  /** Returns whether the board takes a new call of this agent; known calls it always takes. */
  hasRoom(agentId: AgentId): boolean
  /** Registers a step that runs with each fact before the fact is stored, so that a crash in between repeats the step. */
  beforeStored(step: BeforeStored): void
  onChange(listener: (call: BoardCall, previous: BoardCall | undefined) => void): () => void
  stop(): Promise<void>
}

/** Resolves with the call as it must be stored. `isOf`: whether an id that an agent uses is this call's. */
export type BeforeStored = (call: BoardCall, isOf: (callId: CallId) => boolean) => Promise<BoardCall>

export interface CallsNeeds {
  readonly store: CallStore
  readonly clock: Clock
  readonly newId: () => string
  /** The site's, for numbers without a calling code. */
  readonly country: string
  readonly identify: (number: string | undefined) => CallerIdentity | undefined
  /** Receives a stored call that cannot be read: it is set aside, and the others are loaded. */
  readonly onUnreadable?: (found: { readonly callId: string; readonly detail: string }) => void
}

interface State {
  readonly needs: CallsNeeds
  readonly index: CallIndex
  readonly legs: Legs
  readonly pbxClock: PbxClock
  readonly steps: Set<BeforeStored>
  readonly listeners: Set<(call: BoardCall, previous: BoardCall | undefined) => void>
  /** When each call's last fact was stored, monotonic. */
  readonly lastFactMs: Map<CallId, number>
  /**
   * Applies one fact after the other, so that two facts of one conversation cannot both create a call; one fact of each agent
   * in turn, so that no agent waits behind the reports of another.
   */
  readonly queue: FairQueue<AgentId | 'pbx' | 'hub'>
  sweptMs: number
}

/** Opens the board with the calls of the last week. Rejects when the database cannot be read. */
export async function openCalls(needs: CallsNeeds): Promise<Calls> {
  const { clock, country, newId } = needs
  const state: State = {
    needs,
    index: createCallIndex(),
    legs: createLegs(),
    pbxClock: createPbxClock(clock),
    steps: new Set(),
    listeners: new Set(),
    lastFactMs: new Map(),
    queue: createFairQueue(),
    sweptMs: clock.monotonicMs(),
  }
  await load(state)
  const { index, legs, queue, listeners } = state
  const pbx = createPbxCalls({
    index,
    legs,
    country,
    clock,
    pbxClock: state.pbxClock,
    newId,
    put: (call, previous, alias) => put(state, call, previous, alias),
    run: (work) => queue.run('pbx', work),
  })
  return {
    report: (report) => queue.run(report.agentId, () => applyAgentReport(state, report)),
    ...pbx,
    takeBackJoin: (agentId, callId) => queue.run(agentId, () => takeBackJoin(state, agentId, callId)),
    pbxClock: () => state.pbxClock.state(),
    pbxDated: (dateMs) => state.pbxClock.dated(dateMs),
    conclude: (callId, how) =>
      queue.run('hub', async () => {
        const previous = index.find(callId)
        return previous && put(state, how(previous), previous, undefined)
      }),
    find: (id) => index.find(id),
    agentsIdOf: (callId) => index.agentsIdOf(callId),
    list: () => [...index.calls.values()],
    unsettledOf: (agentId) => index.unsettledOf(agentId),
    hasRoom: (agentId) => index.countOf(agentId) < callsTuning.maxCallsPerAgent,
    beforeStored: (step) => void state.steps.add(step),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async stop() {
      await pbx.stop()
      await queue.stop()
    },
  }
}

async function load({ needs, index, legs }: State): Promise<void> {
  const stored = await needs.store.since(needs.clock.nowMs() - BOARD_MS)
  for (const value of stored.calls) {
    const parsed = boardCall.safeParse(value)
    if (parsed.success) index.put(parsed.data)
    else reportUnreadable(needs, value, parsed.error)
  }
  for (const { alias, callId } of stored.aliases) {
    const call = index.calls.get(callId as CallId) // a map answers undefined for any foreign word
    if (!call) continue
    index.addAlias(alias, call.callId)
    legs.restore(alias, call.callId)
  }
}

const named = z.object({ callId: z.string().max(64) })

function reportUnreadable({ onUnreadable }: CallsNeeds, value: unknown, error: z.ZodError): undefined {
  const callId = named.safeParse(value).data?.callId ?? '?'
  const faults = error.issues.map(({ path, code }) => `${path.join('.')}: ${code}`)
  onUnreadable?.({ callId, detail: faults.join(', ').slice(0, 400) })
}

async function applyAgentReport(state: State, report: AgentReport): Promise<BoardCall> {
  const { callId } = report.call
  const { country } = state.needs
  const known = state.index.find(callId) ?? (await stored(state, callId))
  if (known && !mayReport(known, report)) return known
  if (known && !state.index.calls.has(known.callId)) recall(state, callId, known)
  const clocks = { pbx: state.pbxClock.state().at !== 'unknown', agentAheadMs: report.clockAheadMs }
  const found = known
    ? { call: known, reason: 'leg' as const, apartMs: 0 }
    : findForAgent(state.index.unclaimedOf(report.call.extension), report, country, clocks)
  const previous = found?.call
  const merged = mergeAgentReport(previous, previous?.callId ?? callId, report)
  const isJoined = found !== undefined && found.call.agentId === undefined
  if (!isJoined) return put(state, merged, previous, callId)
  const sides = { agents: report.call, pbx: saidOnBoard(found.call) }
  const joined = withJoin(merged, sides, found, { nowMs: state.needs.clock.nowMs(), country })
  return put(state, joined, previous, callId)
}

/** Takes a join of this agent's call apart; the PBX's part stays as a call of its own, so that its next report finds it. */
async function takeBackJoin(state: State, agentId: AgentId, id: CallId): Promise<BoardCall | undefined> {
  const call = state.index.find(id)
  if (call?.agentId !== agentId) return undefined
  const apart = takenApart(call, state.needs.newId() as CallId, state.needs.country) // newId makes ids
  if (!apart) return call
  await put(state, apart.pbx, undefined, undefined)
  state.legs.move(call.callId, apart.pbx.callId)
  return put(state, apart.own, call, undefined)
}

async function stored({ needs }: State, id: CallId): Promise<BoardCall | undefined> {
  const value = await needs.store.stored(id)
  if (value === undefined) return undefined
  const parsed = boardCall.safeParse(value)
  return parsed.success ? parsed.data : reportUnreadable(needs, value, parsed.error)
}

/**
 * Returns a stored call to the board: an agent that was away for weeks may report a call that has left the board. Otherwise
 * the report would create a new call, which would get a ticket of its own.
 */
function recall(state: State, id: CallId, call: BoardCall): void {
  state.index.put(call)
  state.lastFactMs.set(call.callId, state.needs.clock.monotonicMs())
  if (id !== call.callId) state.index.addAlias(id, call.callId)
}

async function put(
  state: State,
  call: BoardCall,
  previous: BoardCall | undefined,
  alias: string | undefined,
): Promise<BoardCall> {
  const { needs, index } = state
  if (call === previous && (!alias || alias === call.callId || index.hasAlias(alias))) return call
  const caller = call.caller?.match === 'one' ? call.caller : needs.identify(call.remoteNumber)
  let next = caller ? { ...call, caller } : call
  const isOf = (id: CallId) => id === alias || index.isOf(id, next.callId)
  for (const step of state.steps) next = await step(next, isOf)
  const newAliases = alias && alias !== next.callId ? [alias] : []
  await needs.store.save(next, newAliases)
  index.put(next)
  state.lastFactMs.set(next.callId, needs.clock.monotonicMs())
  evictOld(state)
  for (const one of newAliases) index.addAlias(one, next.callId)
  for (const listener of state.listeners) listener(next, previous)
  return next
}

/** Evicts, once an hour, the calls that a start would not load: else a hub that runs for months would keep every call. */
function evictOld(state: State): void {
  const { needs, index, lastFactMs, legs } = state
  const nowMs = needs.clock.monotonicMs()
  if (nowMs - state.sweptMs < HOUR_MS) return
  state.sweptMs = nowMs
  for (const [callId, { startedAtMs }] of index.calls) {
    if (startedAtMs >= needs.clock.nowMs() - BOARD_MS) continue
    if (nowMs - (lastFactMs.get(callId) ?? -Infinity) < RECENT_FACT_MS) continue
    index.remove(callId)
    lastFactMs.delete(callId)
  }
  index.forgetAliases()
  legs.forget((callId) => !index.calls.has(callId))
}
