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
import { findForAgent, mergeAgentReport, type AgentReport } from './joinCall.ts'
import { createLegs } from './legs.ts'
import { createPbxCalls, type PbxCalls } from './pbxCalls.ts'

/** How far back the board looks when a fact arrives late: an agent that was offline over a weekend. */
const BOARD_MS = 7 * DAY_MS
/** An older one stays while somebody still speaks of it: an agent that was offline for longer replicates its recordings now. */
const HEARD_MS = DAY_MS

export interface CallStore {
  save(call: BoardCall, aliases: readonly string[]): Promise<void>
  since(fromMs: number): Promise<{
    readonly calls: readonly unknown[]
    readonly aliases: readonly { alias: string; callId: string }[]
  }>
  /** The call of this id or alias, however old; undefined: never heard of, or forgotten by retention. */
  stored(id: string): Promise<unknown>
}

export interface Calls extends PbxCalls {
  /** Resolves when the report is stored: only then may the agent forget it. Older revisions change nothing. */
  report(report: AgentReport): Promise<BoardCall>
  /** What the hub concludes by itself of a call, in the turn of the facts; the same object back changes nothing. */
  conclude(callId: CallId, how: (call: BoardCall) => BoardCall): Promise<BoardCall | undefined>
  /** By canonical id or by any alias. */
  find(id: string): BoardCall | undefined
  /** The id by which the call's agent knows it: another one than ours where the PBX spoke of the call first. */
  agentsIdOf(callId: CallId): CallId
  list(): readonly BoardCall[]
  /** Asked with each fact before it is stored: who must act on a fact acts first, so that a crash in between repeats it. */
  beforeStored(act: BeforeStored): void
  onChange(listener: (call: BoardCall, before: BoardCall | undefined) => void): () => void
  stop(): Promise<void>
}

/** Resolves with the call as it shall be stored. `isOf`: whether an id that an agent uses is this call's. */
export type BeforeStored = (call: BoardCall, isOf: (callId: CallId) => boolean) => Promise<BoardCall>

export interface CallsNeeds {
  readonly store: CallStore
  readonly clock: Clock
  readonly newId: () => string
  /** The site's, for numbers without a calling code. */
  readonly country: string
  readonly identify: (number: string | undefined) => CallerIdentity | undefined
}

/** The call board: which calls there are, under one id each, whoever speaks of them. Decides identity, nothing else. */
export async function openCalls({ store, clock, newId, country, identify }: CallsNeeds): Promise<Calls> {
  const calls = new Map<CallId, BoardCall>()
  const aliases = new Map<string, CallId>()
  const acting = new Set<BeforeStored>()
  const listeners = new Set<(call: BoardCall, before: BoardCall | undefined) => void>()
  const heardMs = new Map<CallId, number>()
  const legs = createLegs()
  let sweptMs = clock.monotonicMs()
  let turn: Promise<unknown> = Promise.resolve()

  /** What a start would not read any more goes, or a hub that runs for months would hold every call it ever had. */
  const forgetOld = () => {
    const nowMs = clock.monotonicMs()
    if (nowMs - sweptMs < HOUR_MS) return
    sweptMs = nowMs
    for (const [callId, { startedAtMs }] of calls) {
      if (startedAtMs >= clock.nowMs() - BOARD_MS) continue
      if (nowMs - (heardMs.get(callId) ?? -Infinity) < HEARD_MS) continue
      calls.delete(callId)
      heardMs.delete(callId)
    }
    for (const [alias, callId] of aliases) if (!calls.has(callId)) aliases.delete(alias)
    legs.forget((callId) => !calls.has(callId))
  }

  const stored = await store.since(clock.nowMs() - BOARD_MS)
  for (const value of stored.calls) {
    const parsed = boardCall.safeParse(value)
    if (parsed.success) calls.set(parsed.data.callId, parsed.data)
  }
  for (const { alias, callId } of stored.aliases) {
    const known = calls.get(boardCall.shape.callId.parse(callId))
    if (!known) continue
    aliases.set(alias, known.callId)
    legs.restore(alias, known.callId)
  }

  const find = (id: string): BoardCall | undefined => calls.get(aliases.get(id) ?? (id as CallId)) // a map answers undefined for any foreign word
  /** An agent that was away for weeks speaks of a call that the board has let go: it is no new one, which would get a ticket of its own. */
  const recall = async (id: CallId): Promise<BoardCall | undefined> => {
    const parsed = boardCall.safeParse(await store.stored(id))
    if (!parsed.success) return undefined
    const call = parsed.data
    calls.set(call.callId, call)
    heardMs.set(call.callId, clock.monotonicMs())
    if (id !== call.callId) aliases.set(id, call.callId)
    return call
  }
  const put = async (
    call: BoardCall,
    before: BoardCall | undefined,
    alias: string | undefined,
  ): Promise<BoardCall> => {
    if (call === before && (!alias || alias === call.callId || aliases.has(alias))) return call
    const caller = call.caller?.match === 'one' ? call.caller : identify(call.remoteNumber)
    let next = caller ? { ...call, caller } : call
    const isOf = (id: CallId) => id === next.callId || id === alias || aliases.get(id) === next.callId
    for (const act of acting) next = await act(next, isOf)
    const newAliases = alias && alias !== next.callId ? [alias] : []
    await store.save(next, newAliases)
    calls.set(next.callId, next)
    heardMs.set(next.callId, clock.monotonicMs())
    forgetOld()
    for (const one of newAliases) aliases.set(one, next.callId)
    for (const listener of listeners) listener(next, before)
    return next
  }
  // One fact after the other, so that two facts of one conversation cannot both found a call.
  const inTurn = <Value>(act: () => Promise<Value>): Promise<Value> => {
    const result = turn.then(act)
    turn = result.catch(() => undefined)
    return result
  }

  return {
    report: (report) =>
      inTurn(async () => {
        const { callId } = report.call
        const before = find(callId) ?? (await recall(callId)) ?? findForAgent(calls.values(), report, country)
        return put(
          mergeAgentReport(before, before?.callId ?? report.call.callId, report),
          before,
          report.call.callId,
        )
      }),
    ...createPbxCalls({ calls, legs, country, clock, newId, put, inTurn }),
    conclude: (callId, how) =>
      inTurn(async () => {
        const before = find(callId)
        return before && put(how(before), before, undefined)
      }),
    find,
    agentsIdOf(callId) {
      for (const [alias, of] of aliases)
        if (of === callId && isCallId.safeParse(alias).success) return alias as CallId // just parsed
      return callId
    },
    list: () => [...calls.values()],
    beforeStored: (act) => void acting.add(act),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** What the PBX calls it is no id of ours. */
const isCallId = boardCall.shape.callId

/** Calls of one agent that are not over. */
export function callsOfAgent(calls: Calls, agentId: AgentId): readonly BoardCall[] {
  return calls
    .list()
    .filter((call) => call.agentId === agentId && call.phase !== 'done' && call.phase !== 'missed')
}
