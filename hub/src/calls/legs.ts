import { MINUTE_MS, type BoardCall, type CallId } from '@3cx-ninja/protocol'
import { isOn } from './joinCall.ts'
import type { HeldFact, LiveFact } from './liveFact.ts'

/** Facts of an ended call may still come so much later; behind it the PBX has begun its names anew. */
const REST_MS = 10 * MINUTE_MS
/** A PBX names a few legs per extension; one that names more without ever ending them is broken. */
const MAX_HELD = 10_000

// No agent can make an id with this in it. The time keeps a name that the PBX uses again from being taken for the first.
const ALIAS = /^pbx:(\d+):(.+)$/s
const aliasOf = (fact: LiveFact) => `pbx:${fact.atMs.toFixed(0)}:${fact.leg}`

/** The PBX's legs: which call each belongs to, and what holds of it. */
export interface Legs {
  /** As it was stored. */
  restore(alias: string, callId: CallId): void
  callOf(fact: LiveFact, calls: ReadonlyMap<CallId, BoardCall>): BoardCall | undefined
  hasLeg(callId: CallId): boolean
  /** Takes the fact over; the alias to be stored when the leg is new. */
  alias(fact: LiveFact): string
  joined(fact: LiveFact, callId: CallId): void
  heard(fact: LiveFact, call: BoardCall): void
  /** What holds now, the oldest first. */
  held(): readonly HeldFact[]
  /** Legs of calls that go on, as far as is known. */
  known(): readonly { readonly leg: string; readonly callId: CallId }[]
  forget(isGone: (callId: CallId) => boolean): void
}

export function createLegs(): Legs {
  const legs = new Map<string, { readonly callId: CallId; readonly sinceMs: number }>()
  const held = new Map<string, HeldFact>()
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
      const known = calls.get(legs.get(fact.leg)?.callId ?? ('' as CallId)) // a map answers undefined for any foreign word
      if (!known) return undefined
      const isRecent = isOn(known) || (known.endedAtMs ?? known.startedAtMs) + REST_MS >= fact.atMs
      return isRecent ? known : undefined
    },
    hasLeg: (callId) => joined.has(callId),
    alias: aliasOf,
    joined: (fact, callId) => join(fact.leg, callId, fact.atMs),
    heard(fact, call) {
      if (fact.state === 'ended' || !isOn(call)) return void held.delete(fact.leg)
      held.set(fact.leg, { fact, callId: call.callId }) // a leg keeps its place: the oldest call is told first
      if (held.size > MAX_HELD) for (const leg of held.keys()) return void held.delete(leg)
    },
    held: () => [...held.values()],
    known: () => [...legs].map(([leg, { callId }]) => ({ leg, callId })),
    forget(isGone) {
      for (const [leg, { callId }] of legs) if (isGone(callId)) legs.delete(leg)
      for (const [leg, { callId }] of held) if (isGone(callId)) held.delete(leg)
      joined = new Set([...legs.values()].map(({ callId }) => callId))
    },
  }
}
