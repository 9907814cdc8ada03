import type { Around, Phase } from './callState.ts'

/** Wall-clock time at which the talk began: now, unless it was told before. */
export const talkingSince = (phase: Phase, around: Around): number =>
  ('talkingSinceMs' in phase ? phase.talkingSinceMs : undefined) ?? around.wallClockMs

export function wrapUp(talkingSinceMs: number | undefined, endedAtMs: number, around: Around): Phase {
  return {
    at: 'wrap-up',
    ...(talkingSinceMs === undefined ? {} : { talkingSinceMs }),
    endedAtMs,
    untilMs: around.nowMs + around.tuning.wrapUpMs,
  }
}

export function done(phase: Extract<Phase, { at: 'wrap-up' }>): Phase {
  const { talkingSinceMs, endedAtMs } = phase
  return { at: 'done', ...(talkingSinceMs === undefined ? {} : { talkingSinceMs }), endedAtMs }
}
