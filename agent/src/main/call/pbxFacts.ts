import { isAlive, callAtHand } from './matchCall.ts'
import { talkingSince, wrapUp } from './phases.ts'
import type { ActiveCall, Around, CallFact, Phase } from './callState.ts'

/**
 * Where the PBX's word moves a call. It is exact about ringing, talking and the end, at every telephone of the extension;
 * that a talk is on this PC is said by this PC alone.
 */
export function phaseOfPbx(
  call: ActiveCall,
  { before, fact }: { readonly before: ActiveCall; readonly fact: CallFact },
  around: Around,
): Phase {
  const { phase } = call
  if (!isNews(before, fact)) return phase
  switch (fact.tells) {
    case 'hint':
      return phase
    case 'ringing':
      return phase.at === 'restored' && phase.before === 'ringing'
        ? { at: 'ringing', untilMs: around.nowMs + around.tuning.ringMs }
        : phase
    case 'talking':
      return talking(call, around)
    case 'held':
      return phase.at === 'arriving' || !isAlive(call)
        ? phase
        : { at: 'held', talkingSinceMs: talkingSince(phase, around) }
    case 'ended':
      // Not heard itself, only found gone later, perhaps under another name: then the microphone knows better.
      return said(before, fact) === 'lost' && isHeardNow(call) ? phase : ended(phase, fact, around)
    case 'lost':
      return lost(call, around)
  }
}

/** Not only told again, as after each welcome. */
export function isNews(before: ActiveCall | undefined, fact: CallFact): boolean {
  return said(before, fact) !== fact.tells
}

/** What the PBX said last of this leg. */
const said = (before: ActiveCall | undefined, fact: CallFact) =>
  before?.legs.find(({ source, leg }) => source === 'pbx' && leg === fact.leg)?.tells

/** Something on this PC says now that it is talked here. */
export function isHeardNow({ legs }: Pick<ActiveCall, 'legs'>): boolean {
  return legs.some(({ source, tells }) => source !== 'pbx' && tells === 'talking')
}

/** What the PBX says now of the call; undefined: nothing, or nobody hears it. */
export function pbxSays({ legs }: Pick<ActiveCall, 'legs'>): 'talking' | 'held' | undefined {
  const said = legs.findLast(({ source }) => source === 'pbx')?.tells
  return said === 'talking' || said === 'held' ? said : undefined
}

function talking(call: ActiveCall, around: Around): Phase {
  const { phase } = call
  switch (phase.at) {
    case 'arriving': // the microphone guessed right
      return { at: 'talking', talkingSinceMs: call.startedAtMs }
    case 'ringing':
    case 'restored':
    case 'held': {
      const talkingSinceMs = talkingSince(phase, around)
      if (isHeardNow(call)) return { at: 'talking', talkingSinceMs }
      return { at: 'answered', talkingSinceMs, untilMs: around.nowMs + around.tuning.followMs }
    }
    case 'unheard':
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

function ended(phase: Phase, fact: CallFact, around: Around): Phase {
  switch (phase.at) {
    case 'ringing':
      return { at: fact.answered ? 'done' : 'missed', endedAtMs: around.wallClockMs }
    case 'restored':
      return phase.before === 'ringing'
        ? { at: 'missed', endedAtMs: around.wallClockMs }
        : wrapUp(phase.talkingSinceMs, around.wallClockMs, around)
    case 'talking':
    case 'ending':
    case 'answered':
    case 'elsewhere':
    case 'unheard':
    case 'held':
      return wrapUp(phase.talkingSinceMs, around.wallClockMs, around)
    case 'arriving':
    case 'wrap-up':
    case 'done':
    case 'missed':
      return phase
  }
}

function lost(call: ActiveCall, around: Around): Phase {
  const { phase } = call
  const unheard = (talkingSinceMs: number): Phase => {
    const untilMs = around.nowMs + around.tuning.unheardMs
    return { at: 'unheard', talkingSinceMs, endedAtMs: around.wallClockMs, untilMs }
  }
  switch (phase.at) {
    case 'held':
      return isHeardNow(call) ? phase : unheard(phase.talkingSinceMs)
    case 'answered':
    case 'elsewhere':
      return unheard(phase.talkingSinceMs)
    case 'arriving':
    case 'ringing':
    case 'talking':
    case 'ending':
    case 'restored':
    case 'unheard':
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
  around: Around,
): readonly ActiveCall[] {
  const holder = calls.find((call) => call.legs.some(isOpenMicrophone))
  if (!holder) return calls
  const taker = isAlive(told) ? told : callAtHand(calls.filter((call) => pbxSays(call) !== undefined))
  if (!taker || taker === holder || (isAlive(told) ? !isAlive(holder) : holder !== told)) return calls
  return calls.map((call) => {
    if (call === holder) return giveMicrophone(call)
    return call === taker ? takeMicrophone(call, around) : call
  })
}

const isOpenMicrophone = ({ source, tells }: ActiveCall['legs'][number]) =>
  source === 'microphone' && tells === 'talking'

function giveMicrophone(call: ActiveCall): ActiveCall {
  const legs = call.legs.filter(({ source }) => source !== 'microphone')
  const { phase } = call
  const isTalked = phase.at === 'talking' || phase.at === 'ending'
  return {
    ...call,
    legs,
    phase: isTalked ? { at: 'held', talkingSinceMs: phase.talkingSinceMs } : phase,
  }
}

function takeMicrophone(call: ActiveCall, around: Around): ActiveCall {
  return {
    ...call,
    legs: [
      ...call.legs.filter(({ source }) => source !== 'microphone'),
      { source: 'microphone', leg: undefined, tells: 'talking' },
    ],
    heardHere: true,
    phase: { at: 'talking', talkingSinceMs: talkingSince(call.phase, around) },
  }
}
