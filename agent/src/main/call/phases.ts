import type { CallContext, CallFact, Phase } from './callState.ts'

/** Returns the wall-clock time at which the talk began: the stored one, else now. */
export const talkingSince = (phase: Phase, context: CallContext): number =>
  ('talkingSinceMs' in phase ? phase.talkingSinceMs : undefined) ?? context.wallClockMs

/** Returns the wrap-up of a call that ended at `endedAtMs`. */
export function wrapUp(talkingSinceMs: number | undefined, endedAtMs: number, context: CallContext): Phase {
  return {
    at: 'wrap-up',
    ...(talkingSinceMs === undefined ? {} : { talkingSinceMs }),
    endedAtMs,
    untilMs: context.nowMs + context.tuning.wrapUpMs,
  }
}

/** Returns the end of a wrap-up. */
export function done(phase: Extract<Phase, { at: 'wrap-up' }>): Phase {
  const { talkingSinceMs, endedAtMs } = phase
  return { at: 'done', ...(talkingSinceMs === undefined ? {} : { talkingSinceMs }), endedAtMs }
}

/**
 * Returns the phase after a source of this PC reports the end. In contrast to the PBX, the microphone only guesses: its end
 * must last (`ending`), and it does not end a call that it never carried.
 */
export function endedByThisPc(phase: Phase, fact: CallFact, context: CallContext): Phase {
  switch (phase.at) {
    case 'ringing':
      return { at: 'missed', endedAtMs: context.wallClockMs }
    case 'talking':
      if (fact.source !== 'microphone') return wrapUp(phase.talkingSinceMs, context.wallClockMs, context)
      return {
        at: 'ending',
        talkingSinceMs: phase.talkingSinceMs,
        endedAtMs: context.wallClockMs,
        untilMs: context.nowMs + context.tuning.endDebounceMs,
      }
    case 'ending':
    case 'answered':
    case 'elsewhere':
    case 'pbx-lost':
    case 'held':
      return fact.source === 'microphone' ? phase : wrapUp(phase.talkingSinceMs, context.wallClockMs, context)
    case 'restored':
      return phase.before === 'ringing'
        ? { at: 'missed', endedAtMs: context.wallClockMs }
        : wrapUp(phase.talkingSinceMs, context.wallClockMs, context)
    case 'arriving':
    case 'wrap-up':
    case 'done':
    case 'missed':
      return phase
  }
}

/**
 * Returns the phase after the PBX reports the end. In contrast to this PC, the PBX is exact, so a talk ends at once, and it
 * reports whether a ringing call was answered by someone else.
 */
export function endedByPbx(phase: Phase, fact: CallFact, context: CallContext): Phase {
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
