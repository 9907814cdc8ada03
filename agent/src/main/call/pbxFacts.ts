import { isOngoing, currentCall } from './matchCall.ts'
import { talkingSince, wrapUp } from './phases.ts'
import type { ActiveCall, CallContext, CallFact, Phase } from './callState.ts'

/**
 * Where the PBX's word moves a call. It is exact about ringing, talking and the end, at every telephone of the extension;
 * that a talk is on this PC is said by this PC alone.
 */
export function phaseOfPbx(
  call: ActiveCall,
  { before, fact }: { readonly before: ActiveCall; readonly fact: CallFact },
  context: CallContext,
): Phase {
  const { phase } = call
  if (!isNews(before, fact)) return phase
  switch (fact.state) {
    case 'hint':
      return phase
    case 'ringing':
      return phase.at === 'restored' && phase.before === 'ringing'
        ? { at: 'ringing', untilMs: context.nowMs + context.tuning.ringMs }
        : phase
    case 'talking':
      return talking(call, context)
    case 'held':
      return phase.at === 'arriving' || !isOngoing(call)
        ? phase
        : { at: 'held', talkingSinceMs: talkingSince(phase, context) }
    case 'ended':
      // Not heard itself, only found gone later, perhaps under another name: then the microphone knows better.
      return said(before, fact) === 'lost' && isTalkedHereNow(call) ? phase : ended(phase, fact, context)
    case 'lost':
      return lost(call, context)
  }
}

/** Not only told again, as after each welcome. */
export function isNews(before: ActiveCall | undefined, fact: CallFact): boolean {
  return said(before, fact) !== fact.state
}

/** What the PBX said last of this leg. */
const said = (before: ActiveCall | undefined, fact: CallFact) =>
  before?.legs.find(({ source, leg }) => source === 'pbx' && leg === fact.leg)?.state

/** Something on this PC says now that it is talked here. */
export function isTalkedHereNow({ legs }: Pick<ActiveCall, 'legs'>): boolean {
  return legs.some(({ source, state }) => source !== 'pbx' && state === 'talking')
}

/** What the PBX says now of the call; undefined: nothing, or nobody hears it. */
export function stateOfPbx({ legs }: Pick<ActiveCall, 'legs'>): 'talking' | 'held' | undefined {
  const said = legs.findLast(({ source }) => source === 'pbx')?.state
  return said === 'talking' || said === 'held' ? said : undefined
}

function talking(call: ActiveCall, context: CallContext): Phase {
  const { phase } = call
  switch (phase.at) {
    case 'arriving': // the microphone guessed right
      return { at: 'talking', talkingSinceMs: call.startedAtMs }
    case 'ringing':
    case 'restored':
    case 'held': {
      const talkingSinceMs = talkingSince(phase, context)
      if (isTalkedHereNow(call)) return { at: 'talking', talkingSinceMs }
      return { at: 'answered', talkingSinceMs, untilMs: context.nowMs + context.tuning.followMs }
    }
    case 'pbx-lost':
      return { at: 'elsewhere', talkingSinceMs: phase.talkingSinceMs }
    case 'talking':
    case 'ending':
    case 'answered':
    case 'elsewhere':
    case 'wrap-up':
    case 'done':
    case 'missed':
      return phase
  }
}

function ended(phase: Phase, fact: CallFact, context: CallContext): Phase {
  switch (phase.at) {
    case 'ringing':
      return { at: fact.answered ? 'done' : 'missed', endedAtMs: context.wallClockMs }
    case 'restored':
      return phase.before === 'ringing'
        ? { at: 'missed', endedAtMs: context.wallClockMs }
        : wrapUp(phase.talkingSinceMs, context.wallClockMs, context)
    case 'talking':
    case 'ending':
    case 'answered':
    case 'elsewhere':
    case 'pbx-lost':
    case 'held':
      return wrapUp(phase.talkingSinceMs, context.wallClockMs, context)
    case 'arriving':
    case 'wrap-up':
    case 'done':
    case 'missed':
      return phase
  }
}

function lost(call: ActiveCall, context: CallContext): Phase {
  const { phase } = call
  const pbxLost = (talkingSinceMs: number): Phase => {
    const untilMs = context.nowMs + context.tuning.pbxLostMs
    return { at: 'pbx-lost', talkingSinceMs, endedAtMs: context.wallClockMs, untilMs }
  }
  switch (phase.at) {
    case 'held':
      return isTalkedHereNow(call) ? phase : pbxLost(phase.talkingSinceMs)
    case 'answered':
    case 'elsewhere':
      return pbxLost(phase.talkingSinceMs)
    case 'arriving':
    case 'ringing':
    case 'talking':
    case 'ending':
    case 'restored':
    case 'pbx-lost':
    case 'wrap-up':
    case 'done':
    case 'missed':
      return phase
  }
}

/**
 * The microphone is the PC's, not a call's: the client keeps it open while the technician goes from one call to another
 * (call waiting, a question before a transfer). It belongs to the call that the PBX connected last; when that one ends,
 * to the one that is left. Without this, the words with one caller would be in the recording of the other.
 */
export function passMicrophone(
  calls: readonly ActiveCall[],
  told: ActiveCall,
  context: CallContext,
): readonly ActiveCall[] {
  const holder = calls.find((call) => call.legs.some(isOpenMicrophone))
  if (!holder) return calls
  const taker = isOngoing(told) ? told : currentCall(calls.filter((call) => stateOfPbx(call) !== undefined))
  if (!taker || taker === holder || (isOngoing(told) ? !isOngoing(holder) : holder !== told)) return calls
  return calls.map((call) => {
    if (call === holder) return releaseMicrophone(call)
    return call === taker ? acquireMicrophone(call, context) : call
  })
}

const isOpenMicrophone = ({ source, state }: ActiveCall['legs'][number]) =>
  source === 'microphone' && state === 'talking'

function releaseMicrophone(call: ActiveCall): ActiveCall {
  const legs = call.legs.filter(({ source }) => source !== 'microphone')
  const { phase } = call
  const isTalked = phase.at === 'talking' || phase.at === 'ending'
  return {
    ...call,
    legs,
    phase: isTalked ? { at: 'held', talkingSinceMs: phase.talkingSinceMs } : phase,
  }
}

function acquireMicrophone(call: ActiveCall, context: CallContext): ActiveCall {
  return {
    ...call,
    legs: [
      ...call.legs.filter(({ source }) => source !== 'microphone'),
      { source: 'microphone', leg: undefined, state: 'talking' },
    ],
    talkedHere: true,
    phase: { at: 'talking', talkingSinceMs: talkingSince(call.phase, context) },
  }
}
