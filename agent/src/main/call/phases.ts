import type { CallContext, Phase } from './callState.ts'

/** Wall-clock time at which the talk began: now, unless it was told before. */
export const talkingSince = (phase: Phase, context: CallContext): number =>
  ('talkingSinceMs' in phase ? phase.talkingSinceMs : undefined) ?? context.wallClockMs

export function wrapUp(talkingSinceMs: number | undefined, endedAtMs: number, context: CallContext): Phase {
  return {
    at: 'wrap-up',
    ...(talkingSinceMs === undefined ? {} : { talkingSinceMs }),
    endedAtMs,
    untilMs: context.nowMs + context.tuning.wrapUpMs,
  }
}

export function done(phase: Extract<Phase, { at: 'wrap-up' }>): Phase {
  const { talkingSinceMs, endedAtMs } = phase
  return { at: 'done', ...(talkingSinceMs === undefined ? {} : { talkingSinceMs }), endedAtMs }
}
