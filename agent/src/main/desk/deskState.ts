import type { CallerIdentity, CallId, CallJoin, CallSnapshot, LinkState } from '@3cx-ninja/protocol'
import type { AgentEvent } from '../app/agentEvents.ts'
import type { Alarm } from '../capture/recording/silenceWatch.ts'
import {
  settleLines,
  addDevice,
  addMark,
  applyUtterance,
  type Transcript,
  type Transcripts,
} from './transcripts.ts'

/** A call of the desk: the report, and what the hub added to it. */
export interface CallEntry {
  readonly call: CallSnapshot
  readonly canonicalId?: CallId
  readonly caller?: CallerIdentity
  /** Why the PBX's facts are in the call: the technician may take them back. Rule C13. */
  readonly join?: Pick<CallJoin, 'reason' | 'numbers'>
  readonly byHand: boolean
}

export interface UserError {
  readonly id: number
  readonly atMs: number
  readonly message: string
  readonly code: string
  readonly facts: Readonly<Record<string, string | number>>
}

export interface DeskState {
  /** In the order they began. */
  readonly calls: ReadonlyMap<CallId, CallEntry>
  readonly transcripts: Transcripts
  /** This PC's id of a call by the hub's id. */
  readonly localIds: ReadonlyMap<CallId, CallId>
  readonly link: {
    readonly at: LinkState['at'] | 'not-enrolled'
    readonly sinceMs: number
    readonly why?: string
    readonly hub?: {
      readonly version: string
      /** How far the hub's clock was ahead of this PC's at the welcome. */
      readonly aheadMs: number
    }
  }
  readonly hubName?: string
  readonly alarms: readonly Alarm[]
  readonly userErrors: readonly UserError[]
  /** True after the technician asked for a call: the next new call is begun by hand. */
  readonly startsByHand: boolean
}

export const emptyDesk: DeskState = {
  calls: new Map(),
  transcripts: new Map(),
  localIds: new Map(),
  link: { at: 'not-enrolled', sinceMs: 0 },
  alarms: [],
  userErrors: [],
  startsByHand: false,
}

export type DeskInput =
  | AgentEvent
  | { readonly kind: 'asked-to-start' }
  /** The calls of earlier starts, from the history. */
  | { readonly kind: 'remembered'; readonly names: ReadonlyMap<CallId, CallId> }
  | { readonly kind: 'marked'; readonly callId: CallId; readonly part: number; readonly fromMs: number }
  | { readonly kind: 'dismissed'; readonly userErrorId: number }

export interface Moment {
  readonly wallClockMs: number
  readonly monotonicMs: number
}

/** Calls whose lines stay in memory; older ones are in the history. */
const MAX_CALLS = 8
const MAX_USER_ERRORS = 20

/** Returns the state after one input. Pure: knows nothing of pages, files and clocks. */
export function stepDesk(state: DeskState, input: DeskInput, now: Moment): DeskState {
  switch (input.kind) {
    case 'enrolled':
      return { ...state, hubName: input.hubName }
    case 'link':
      return { ...state, link: applyLink(state, input, now) }
    case 'call':
      return applyCall(state, input.call)
    case 'identified': {
      const { callId, canonicalId, caller, join } = input
      const entry = state.calls.get(callId)
      if (!entry) return state
      const { join: before, caller: known, ...rest } = entry
      // With a join that was taken back goes the caller whom it brought.
      const shown = caller ?? (before && !join ? undefined : known)
      const next = { ...rest, canonicalId, ...(shown ? { caller: shown } : {}), ...(join ? { join } : {}) }
      return {
        ...state,
        calls: new Map(state.calls).set(callId, next),
        localIds: new Map(state.localIds).set(canonicalId, callId),
      }
    }
    case 'utterance': {
      const callId = localCallId(state, input.callId)
      // An erased call stays erased, also when the hub's transcript comes late.
      if (state.calls.get(callId)?.call.recording === 'erased') return state
      return changeLines(state, callId, (lines) => applyUtterance(lines, input.utterance))
    }
    case 'draft': {
      const { caller } = input.draft
      const callId = localCallId(state, input.callId)
      const entry = state.calls.get(callId)
      if (!caller || !entry || entry.caller) return state
      return { ...state, calls: new Map(state.calls).set(callId, { ...entry, caller }) }
    }
    case 'device':
      return changeLines(state, input.callId, (lines) => addDevice(lines, input))
    case 'alarm':
      return { ...state, alarms: input.alarms }
    case 'user-error':
      return { ...state, userErrors: addUserError(state.userErrors, input, now) }
    case 'dismissed':
      return { ...state, userErrors: state.userErrors.filter(({ id }) => id !== input.userErrorId) }
    case 'remembered':
      return { ...state, localIds: new Map([...input.names, ...state.localIds]) }
    case 'asked-to-start':
      return { ...state, startsByHand: true }
    case 'marked':
      return changeLines(state, input.callId, (lines) => addMark(lines, input))
    case 'recording': {
      // A recording erased after its call, here or on the hub, takes the transcript with it.
      const entry = [...state.calls.values()].find(({ call }) => call.recordingId === input.recordingId)
      if (input.state !== 'erased' || !entry) return state
      return applyCall(state, { ...entry.call, recording: 'erased' })
    }
    case 'settings':
    case 'pending-change':
      return state // the agent's view carries the rest
  }
}

/** Returns this PC's id of a call that the hub may name by another. */
export const localCallId = (state: Pick<DeskState, 'localIds'>, callId: CallId): CallId =>
  state.localIds.get(callId) ?? callId

function applyLink(
  { link }: DeskState,
  { at, why, hub }: Extract<AgentEvent, { kind: 'link' }>,
  now: Moment,
): DeskState['link'] {
  const away = (each: DeskState['link']['at']) =>
    each === 'waiting' || each === 'opening' || each === 'greeting'
  return {
    at,
    // Repeated attempts are one absence, not many.
    sinceMs: away(at) && away(link.at) ? link.sinceMs : now.monotonicMs,
    ...(why ? { why } : away(at) && link.why ? { why: link.why } : {}),
    ...(hub ? { hub: { version: hub.version, aheadMs: hub.timeMs - now.wallClockMs } } : {}),
  }
}

function applyCall(state: DeskState, call: CallSnapshot): DeskState {
  const entry = state.calls.get(call.callId)
  const next: CallEntry = entry ? { ...entry, call } : { call, byHand: state.startsByHand }
  const calls = new Map(state.calls).set(call.callId, next)
  const transcripts = new Map(state.transcripts)
  if (call.recording === 'erased') transcripts.delete(call.callId)
  for (const callId of [...calls.keys()].slice(0, -MAX_CALLS)) {
    calls.delete(callId)
    transcripts.delete(callId)
  }
  const step = { ...state, calls, transcripts, startsByHand: entry ? state.startsByHand : false }
  return call.phase === 'done' ? changeLines(step, call.callId, settleLines) : step
}

function changeLines(state: DeskState, callId: CallId, change: (lines: Transcript) => Transcript): DeskState {
  if (!state.calls.has(callId)) return state
  const lines = state.transcripts.get(callId) ?? []
  const next = change(lines)
  if (next === lines) return state
  return { ...state, transcripts: new Map(state.transcripts).set(callId, next) }
}

function addUserError(
  userErrors: readonly UserError[],
  { message, info: info }: Extract<AgentEvent, { kind: 'user-error' }>,
  { wallClockMs }: Moment,
): readonly UserError[] {
  const id = (userErrors.at(-1)?.id ?? 0) + 1
  const others = userErrors.filter((each) => each.message !== message)
  const facts = Object.fromEntries(
    Object.entries(info.facts).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.slice(0, 400) : value,
    ]),
  )
  const userError = { id, atMs: wallClockMs, message: message.slice(0, 1_000), code: info.code, facts }
  return [...others, userError].slice(-MAX_USER_ERRORS)
}
