import { createSerialQueue, type SerialQueue } from '@3cx-ninja/node-kit/serialQueue.ts'
import {
  DAY_MS,
  HOUR_MS,
  boardCall,
  isSettled,
  type AgentId,
  type BoardCall,
  type CallId,
  type CallerIdentity,
  type Clock,
} from '@3cx-ninja/protocol'
import { findForAgent, mayReport, mergeAgentReport, type AgentReport } from './joinCall.ts'
import { createLegs, type Legs } from './legs.ts'
import { createPbxCalls, type PbxCalls } from './pbxCalls.ts'

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
  /** Applies the hub's own conclusion about a call, in turn with the facts. Returning the same object changes nothing. */
  conclude(callId: CallId, how: (call: BoardCall) => BoardCall): Promise<BoardCall | undefined>
  /** Returns the call of this canonical id or alias, if the board has it. */
  find(id: string): BoardCall | undefined
  /** Returns the id by which the call's agent knows the call: not the canonical one where the PBX reported the call first. */
  agentsIdOf(callId: CallId): CallId
  list(): readonly BoardCall[]
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
}

interface State {
  readonly needs: CallsNeeds
  readonly calls: Map<CallId, BoardCall>
  readonly aliases: Map<string, CallId>
  readonly legs: Legs
  readonly steps: Set<BeforeStored>
  readonly listeners: Set<(call: BoardCall, previous: BoardCall | undefined) => void>
  /** When each call's last fact was stored, monotonic. */
  readonly lastFactMs: Map<CallId, number>
  /** Applies one fact after the other, so that two facts of one conversation cannot both create a call. */
  readonly queue: SerialQueue
  sweptMs: number
}

/** Opens the board with the calls of the last week. Rejects when the database cannot be read. */
export async function openCalls(needs: CallsNeeds): Promise<Calls> {
  const { clock, country, newId } = needs
  const state: State = {
    needs,
    calls: new Map(),
    aliases: new Map(),
    legs: createLegs(),
    steps: new Set(),
    listeners: new Set(),
    lastFactMs: new Map(),
    queue: createSerialQueue(),
    sweptMs: clock.monotonicMs(),
  }
  await load(state)
  const { calls, aliases, legs, queue, listeners } = state
  return {
    report: (report) => queue.run(() => applyAgentReport(state, report)),
    ...createPbxCalls({
      calls,
      legs,
      country,
      clock,
      newId,
      put: (call, previous, alias) => put(state, call, previous, alias),
      queue,
    }),
    conclude: (callId, how) =>
      queue.run(async () => {
        const previous = find(state, callId)
        return previous && put(state, how(previous), previous, undefined)
      }),
    find: (id) => find(state, id),
    agentsIdOf(callId) {
      for (const [alias, of] of aliases)
        if (of === callId && isCallId.safeParse(alias).success) return alias as CallId // just parsed
      return callId
    },
    list: () => [...calls.values()],
    beforeStored: (step) => void state.steps.add(step),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

async function load({ needs, calls, aliases, legs }: State): Promise<void> {
  const stored = await needs.store.since(needs.clock.nowMs() - BOARD_MS)
  for (const value of stored.calls) {
    const parsed = boardCall.safeParse(value)
    if (parsed.success) calls.set(parsed.data.callId, parsed.data)
  }
  for (const { alias, callId } of stored.aliases) {
    const call = calls.get(boardCall.shape.callId.parse(callId))
    if (!call) continue
    aliases.set(alias, call.callId)
    legs.restore(alias, call.callId)
  }
}

async function applyAgentReport(state: State, report: AgentReport): Promise<BoardCall> {
  const { callId } = report.call
  const { country } = state.needs
  const known = find(state, callId) ?? (await stored(state, callId))
  if (known && !mayReport(known, report)) return known
  if (known && !state.calls.has(known.callId)) recall(state, callId, known)
  const previous = known ?? findForAgent(state.calls.values(), report, country)
  return put(state, mergeAgentReport(previous, previous?.callId ?? callId, report), previous, callId)
}

function find({ calls, aliases }: State, id: string): BoardCall | undefined {
  return calls.get(aliases.get(id) ?? (id as CallId)) // a map answers undefined for any foreign word
}

async function stored({ needs }: State, id: CallId): Promise<BoardCall | undefined> {
  return boardCall.safeParse(await needs.store.stored(id)).data
}

/**
 * Returns a stored call to the board: an agent that was away for weeks may report a call that has left the board. Otherwise
 * the report would create a new call, which would get a ticket of its own.
 */
function recall(state: State, id: CallId, call: BoardCall): void {
  state.calls.set(call.callId, call)
  state.lastFactMs.set(call.callId, state.needs.clock.monotonicMs())
  if (id !== call.callId) state.aliases.set(id, call.callId)
}

async function put(
  state: State,
  call: BoardCall,
  previous: BoardCall | undefined,
  alias: string | undefined,
): Promise<BoardCall> {
  const { needs, calls, aliases } = state
  if (call === previous && (!alias || alias === call.callId || aliases.has(alias))) return call
  const caller = call.caller?.match === 'one' ? call.caller : needs.identify(call.remoteNumber)
  let next = caller ? { ...call, caller } : call
  const isOf = (id: CallId) => id === next.callId || id === alias || aliases.get(id) === next.callId
  for (const step of state.steps) next = await step(next, isOf)
  const newAliases = alias && alias !== next.callId ? [alias] : []
  await needs.store.save(next, newAliases)
  calls.set(next.callId, next)
  state.lastFactMs.set(next.callId, needs.clock.monotonicMs())
  evictOld(state)
  for (const one of newAliases) aliases.set(one, next.callId)
  for (const listener of state.listeners) listener(next, previous)
  return next
}

/** Evicts, once an hour, the calls that a start would not load: else a hub that runs for months would keep every call. */
function evictOld(state: State): void {
  const { needs, calls, aliases, lastFactMs, legs } = state
  const nowMs = needs.clock.monotonicMs()
  if (nowMs - state.sweptMs < HOUR_MS) return
  state.sweptMs = nowMs
  for (const [callId, { startedAtMs }] of calls) {
    if (startedAtMs >= needs.clock.nowMs() - BOARD_MS) continue
    if (nowMs - (lastFactMs.get(callId) ?? -Infinity) < RECENT_FACT_MS) continue
    calls.delete(callId)
    lastFactMs.delete(callId)
  }
  for (const [alias, callId] of aliases) if (!calls.has(callId)) aliases.delete(alias)
  legs.forget((callId) => !calls.has(callId))
}

/** An alias that the PBX uses is no id of ours. */
const isCallId = boardCall.shape.callId

/** Returns the calls of one agent that are neither done nor missed. */
export function callsOfAgent(calls: Calls, agentId: AgentId): readonly BoardCall[] {
  return calls.list().filter((call) => call.agentId === agentId && !isSettled(call))
}
