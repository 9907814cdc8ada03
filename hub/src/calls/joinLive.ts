import { differentNumbers } from '@3cx-ninja/phone-numbers/compareNumbers.ts'
import { HOUR_MS, type BoardCall, type CallId } from '@3cx-ninja/protocol'
import { isOn, RING_MS, START_TOLERANCE_MS } from './joinCall.ts'
import type { LiveFact } from './liveFact.ts'

/** Nothing is told while people talk, so this is only a limit: the longest call of a helpdesk, and some more. */
const TALK_MS = 4 * HOUR_MS

/**
 * The call on the board that a leg not heard of before belongs to: one of this extension that goes on at the fact's time,
 * with no other number and no leg of its own. A ring belongs only to a call that begins with it: later it is a second call
 * (call waiting, a consultation before a transfer), and one behind the end is the caller who rings again.
 */
export function findForLeg(
  calls: Iterable<BoardCall>,
  fact: LiveFact,
  { hasLeg, country }: { readonly hasLeg: (callId: CallId) => boolean; readonly country: string },
): BoardCall | undefined {
  const fits = (known: BoardCall) =>
    known.extension === fact.extension &&
    !hasLeg(known.callId) &&
    (fact.state === 'ringing' ? beginsWith(known, fact.atMs) : isDuring(known, fact.atMs)) &&
    !differentNumbers(known.remoteNumber, fact.remoteNumber, country)
  const distance = (known: BoardCall) => Math.abs((known.talkingSinceMs ?? known.startedAtMs) - fact.atMs)
  return [...calls].filter(fits).sort((a, b) => distance(a) - distance(b))[0]
}

/** It began when this rang; or later, when it was picked up: a microphone hears nothing before. */
function beginsWith(call: BoardCall, rangMs: number): boolean {
  const afterMs = call.startedAtMs - rangMs
  return (
    afterMs >= -START_TOLERANCE_MS && afterMs <= RING_MS && isDuring(call, Math.max(rangMs, call.startedAtMs))
  )
}

function isDuring(call: BoardCall, atMs: number): boolean {
  if (call.startedAtMs - START_TOLERANCE_MS > atMs) return false
  return isOn(call) || (call.endedAtMs ?? call.startedAtMs) >= atMs
}

/** The board's call after a live fact. The same object when nothing is new. An agent's own report alone decides its phase. */
export function mergeLiveFact(
  known: BoardCall | undefined,
  newId: CallId,
  fact: LiveFact,
  { isAnswered = false } = {},
): BoardCall {
  if (!known) return found(newId, fact)
  const next: BoardCall = {
    ...known,
    direction: known.direction === 'unknown' ? fact.direction : known.direction,
    ...(known.remoteNumber === undefined ? remoteNumberOf(fact) : {}),
    ...(known.remoteName === undefined ? remoteNameOf(fact) : {}),
    ...(known.conversation === undefined ? conversationOf(fact) : {}),
    ...(known.agentId === undefined && isOn(known) ? phaseAfter(known, fact, isAnswered) : {}),
    ...(known.agentId !== undefined && fact.state === 'ended' ? { pbxEndedAtMs: fact.atMs } : {}),
  }
  return JSON.stringify(next) === JSON.stringify(known) ? known : next
}

function found(callId: CallId, fact: LiveFact): BoardCall {
  return {
    callId,
    revision: 0,
    phase: fact.state === 'ended' ? 'done' : fact.state,
    direction: fact.direction,
    extension: fact.extension.slice(0, 32),
    ...remoteNumberOf(fact),
    ...remoteNameOf(fact),
    ...conversationOf(fact),
    startedAtMs: fact.atMs,
    ...(fact.state === 'ringing' ? {} : { talkingSinceMs: fact.atMs }),
    ...(fact.state === 'ended' ? { endedAtMs: fact.atMs } : {}),
    recording: 'none',
  }
}

function phaseAfter(known: BoardCall, fact: LiveFact, isAnswered: boolean): Partial<BoardCall> {
  switch (fact.state) {
    case 'ringing':
      return {} // told again, or late: who talks does not ring any more
    case 'talking':
    case 'held':
      return { phase: fact.state, talkingSinceMs: known.talkingSinceMs ?? fact.atMs }
    case 'ended':
      // Of ten telephones that rang together nine have not missed a call.
      return { phase: known.phase === 'ringing' && !isAnswered ? 'missed' : 'done', endedAtMs: fact.atMs }
  }
}

// The board is parsed when it is read again: a text that is too long would lose the call at the next start.
const remoteNumberOf = ({ remoteNumber }: LiveFact) =>
  remoteNumber ? { remoteNumber: remoteNumber.slice(0, 64) } : {}
const conversationOf = ({ conversation }: LiveFact) =>
  conversation ? { conversation: conversation.slice(0, 64) } : {}
const remoteNameOf = ({ remoteName }: LiveFact) =>
  remoteName ? { remoteName: remoteName.slice(0, 160) } : {}

/** A call that only the PBX told of, and whose end was not heard: at the last moment at which it was known to go on. */
export function endUnheard(call: BoardCall, lastHeardMs: number): BoardCall {
  const endedAtMs = Math.max(lastHeardMs, call.talkingSinceMs ?? call.startedAtMs)
  return { ...call, phase: call.phase === 'ringing' ? 'missed' : 'done', endedAtMs }
}

/** When a call that only the PBX told of has certainly ended, heard or not; by the clock that `lastHeardMs` is of. */
export function surelyOverMs(call: BoardCall, lastHeardMs: number): number {
  return lastHeardMs + (call.phase === 'ringing' ? RING_MS : TALK_MS)
}
