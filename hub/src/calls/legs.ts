import { isActive, MINUTE_MS, type BoardCall, type CallId } from '@3cx-ninja/protocol'
import type { CurrentFact, LiveFact } from './liveFact.ts'

/** Facts of an ended call may come this much later; after that the PBX has begun its names again. */
const LATE_FACT_MS = 10 * MINUTE_MS
/** A PBX names a few legs per extension; a PBX that names more without ever ending them is broken. */
const MAX_CURRENT = 10_000

// No agent can make an id with this in it. The time keeps a name that the PBX uses again apart from its first use.
const ALIAS = /^pbx:(\d+):(.+)$/s
const aliasOf = (fact: LiveFact) => `pbx:${fact.atMs.toFixed(0)}:${fact.leg}`

/** The PBX's legs: to which call each belongs, and its current fact while the call is active. */
export interface Legs {
  /** Joins a leg to its call from the stored alias; ignores an alias that is no leg. */
  restore(alias: string, callId: CallId): void
  callOf(fact: LiveFact, calls: ReadonlyMap<CallId, BoardCall>): BoardCall | undefined
  hasLeg(callId: CallId): boolean
  /** Returns the alias that is stored with the call for a new leg. */
  aliasOf(fact: LiveFact): string
  join(fact: LiveFact, callId: CallId): void
  /** Makes this the leg's current fact; an ended leg, or one of an ended call, has none. */
  update(fact: LiveFact, call: BoardCall): void
  /** Joins the legs of one call to another: they were joined to the wrong one. */
  move(from: CallId, to: CallId): void
  /** Returns the current facts, the oldest leg first. */
  current(): readonly CurrentFact[]
  all(): readonly { readonly leg: string; readonly callId: CallId }[]
  /** Forgets the legs of calls that the board no longer has. */
  forget(isGone: (callId: CallId) => boolean): void
}

/** Creates an empty index of legs. */
export function createLegs(): Legs {
  const legs = new Map<string, { readonly callId: CallId; readonly sinceMs: number }>()
  const current = new Map<string, CurrentFact>()
  let joined = new Set<CallId>()

  const join = (leg: string, callId: CallId, sinceMs: number) => {
    if ((legs.get(leg)?.sinceMs ?? -Infinity) > sinceMs) return
    legs.set(leg, { callId, sinceMs })
    joined.add(callId)
  }
  return {
    restore(alias, callId) {
      const [, sinceMs, leg] = ALIAS.exec(alias) ?? []
      if (sinceMs !== undefined && leg !== undefined) join(leg, callId, Number(sinceMs))
    },
    callOf(fact, calls) {
      const call = calls.get(legs.get(fact.leg)?.callId ?? ('' as CallId)) // a map answers undefined for any foreign word
      if (!call) return undefined
      const isRecent = isActive(call) || (call.endedAtMs ?? call.startedAtMs) + LATE_FACT_MS >= fact.atMs
      return isRecent ? call : undefined
    },
    hasLeg: (callId) => joined.has(callId),
    aliasOf,
    join: (fact, callId) => join(fact.leg, callId, fact.atMs),
    update(fact, call) {
      if (fact.state === 'ended' || !isActive(call)) return void current.delete(fact.leg)
      current.set(fact.leg, { fact, callId: call.callId }) // a leg keeps its position: the oldest call is sent first
      if (current.size > MAX_CURRENT) for (const leg of current.keys()) return void current.delete(leg)
    },
    move(from, to) {
      for (const [leg, one] of legs) if (one.callId === from) legs.set(leg, { ...one, callId: to })
      for (const [leg, one] of current) if (one.callId === from) current.set(leg, { ...one, callId: to })
      if (joined.delete(from)) joined.add(to)
    },
    current: () => [...current.values()],
    all: () => [...legs].map(([leg, { callId }]) => ({ leg, callId })),
    forget(isGone) {
      for (const [leg, { callId }] of legs) if (isGone(callId)) legs.delete(leg)
      for (const [leg, { callId }] of current) if (isGone(callId)) current.delete(leg)
      joined = new Set([...legs.values()].map(({ callId }) => callId))
    },
  }
}
