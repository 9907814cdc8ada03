import type { CallerIdentity, CallId, CallSnapshot, LinkState } from '@3cx-ninja/protocol'
import type { AgentEvent } from '../app/agentEvents.ts'
import type { Alarm } from '../capture/recording/silenceWatch.ts'
import {
  settleLines,
  takeDevice,
  takeMark,
  takeUtterance,
  type Transcript,
  type Transcripts,
} from './transcripts.ts'

/** A call as the desk knows it: what was reported, and what the hub added. */
export interface KnownCall {
  readonly call: CallSnapshot
  readonly canonicalId?: CallId
  readonly caller?: CallerIdentity
  readonly byHand: boolean
}

export interface Trouble {
  readonly id: number
  readonly atMs: number
  readonly message: string
  readonly code: string
  readonly facts: Readonly<Record<string, string | number>>
}

export interface DeskState {
  /** In the order they began. */
  readonly calls: ReadonlyMap<CallId, KnownCall>
  readonly transcripts: Transcripts
  /** The hub's names of calls, to ours. */
  readonly ownIds: ReadonlyMap<CallId, CallId>
  readonly link: {
    readonly at: LinkState['at'] | 'not-enrolled'
    readonly sinceMs: number
    readonly why?: string
    readonly hub?: {
      readonly version: string
      /** How far the hub's clock is ahead of ours, when it said welcome. */
      readonly aheadMs: number
    }
  }
  readonly hubName?: string
  readonly alarms: readonly Alarm[]
  readonly troubles: readonly Trouble[]
  /** The technician asked for a call: the next new one is begun by hand. */
  readonly startsByHand: boolean
}

export const emptyDesk: DeskState = {
  calls: new Map(),
  transcripts: new Map(),
  ownIds: new Map(),
  link: { at: 'not-enrolled', sinceMs: 0 },
  alarms: [],
  troubles: [],
  startsByHand: false,
}

export type DeskHappening =
  | AgentEvent
  | { readonly event: 'asked-to-start' }
  /** What the history knows of calls before this start. */
  | { readonly event: 'remembered'; readonly names: ReadonlyMap<CallId, CallId> }
  | { readonly event: 'marked'; readonly callId: CallId; readonly part: number; readonly fromMs: number }
  | { readonly event: 'dismissed'; readonly troubleId: number }

export interface Moment {
  readonly wallClockMs: number
  readonly monotonicMs: number
}

/** Calls whose words stay in memory; the older ones are in the history. */
const MAX_CALLS = 8
const MAX_TROUBLES = 20

/** One thing that happened, into what the window knows. Pure. */
export function stepDesk(state: DeskState, happening: DeskHappening, now: Moment): DeskState {
  switch (happening.event) {
    case 'enrolled':
      return { ...state, hubName: happening.hubName }
    case 'link':
      return { ...state, link: takeLink(state, happening, now) }
    case 'call':
      return takeCall(state, happening.call)
    case 'identified': {
      const { callId, canonicalId, caller } = happening
      const known = state.calls.get(callId)
      if (!known) return state
      const next = { ...known, canonicalId, ...(caller ? { caller } : {}) }
      return {
        ...state,
        calls: new Map(state.calls).set(callId, next),
        ownIds: new Map(state.ownIds).set(canonicalId, callId),
      }
    }
    case 'utterance': {
      const callId = ownIdOf(state, happening.callId)
      // What the technician had erased stays erased, also when the hub's words come late.
      if (state.calls.get(callId)?.call.recording === 'erased') return state
      return changeLines(state, callId, (lines) => takeUtterance(lines, happening.utterance))
    }
    case 'draft': {
      const { caller } = happening.draft
      const callId = ownIdOf(state, happening.callId)
      const known = state.calls.get(callId)
      if (!caller || !known || known.caller) return state
      return { ...state, calls: new Map(state.calls).set(callId, { ...known, caller }) }
    }
    case 'device':
      return changeLines(state, happening.callId, (lines) => takeDevice(lines, happening))
    case 'alarm':
      return { ...state, alarms: happening.alarms }
    case 'trouble':
      return { ...state, troubles: takeTrouble(state.troubles, happening, now) }
    case 'dismissed':
      return { ...state, troubles: state.troubles.filter(({ id }) => id !== happening.troubleId) }
    case 'remembered':
      return { ...state, ownIds: new Map([...happening.names, ...state.ownIds]) }
    case 'asked-to-start':
      return { ...state, startsByHand: true }
    case 'marked':
      return changeLines(state, happening.callId, (lines) => takeMark(lines, happening))
    case 'recording': {
      // Erased after the call, here or on the hub: its words go with it.
      const known = [...state.calls.values()].find(({ call }) => call.recordingId === happening.recordingId)
      if (happening.state !== 'erased' || !known) return state
      return takeCall(state, { ...known.call, recording: 'erased' })
    }
    case 'settings':
    case 'wish':
      return state // the agent's view tells the rest
  }
}

/** Our id of a call that the hub may name otherwise. */
export const ownIdOf = (state: Pick<DeskState, 'ownIds'>, callId: CallId): CallId =>
  state.ownIds.get(callId) ?? callId

function takeLink(
  { link }: DeskState,
  { at, why, hub }: Extract<AgentEvent, { event: 'link' }>,
  now: Moment,
): DeskState['link'] {
  const away = (each: DeskState['link']['at']) =>
    each === 'waiting' || each === 'opening' || each === 'greeting'
  return {
    at,
    // Trying again is one absence, not many.
    sinceMs: away(at) && away(link.at) ? link.sinceMs : now.monotonicMs,
    ...(why ? { why } : away(at) && link.why ? { why: link.why } : {}),
    ...(hub ? { hub: { version: hub.version, aheadMs: hub.timeMs - now.wallClockMs } } : {}),
  }
}

function takeCall(state: DeskState, call: CallSnapshot): DeskState {
  const known = state.calls.get(call.callId)
  const next: KnownCall = known ? { ...known, call } : { call, byHand: state.startsByHand }
  const calls = new Map(state.calls).set(call.callId, next)
  const transcripts = new Map(state.transcripts)
  if (call.recording === 'erased') transcripts.delete(call.callId)
  for (const callId of [...calls.keys()].slice(0, -MAX_CALLS)) {
    calls.delete(callId)
    transcripts.delete(callId)
  }
  const step = { ...state, calls, transcripts, startsByHand: known ? state.startsByHand : false }
  return call.phase === 'done' ? changeLines(step, call.callId, settleLines) : step
}

function changeLines(state: DeskState, callId: CallId, how: (lines: Transcript) => Transcript): DeskState {
  if (!state.calls.has(callId)) return state
  const lines = state.transcripts.get(callId) ?? []
  const next = how(lines)
  if (next === lines) return state
  return { ...state, transcripts: new Map(state.transcripts).set(callId, next) }
}

function takeTrouble(
  troubles: readonly Trouble[],
  { message, told }: Extract<AgentEvent, { event: 'trouble' }>,
  { wallClockMs }: Moment,
): readonly Trouble[] {
  const id = (troubles.at(-1)?.id ?? 0) + 1
  const others = troubles.filter((each) => each.message !== message)
  const facts = Object.fromEntries(
    Object.entries(told.facts).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.slice(0, 400) : value,
    ]),
  )
  const trouble = { id, atMs: wallClockMs, message: message.slice(0, 1_000), code: told.code, facts }
  return [...others, trouble].slice(-MAX_TROUBLES)
}
