import { MINUTE_MS, type BoardCall, type CallSnapshot } from '@3cx-ninja/protocol'

// When two reports of one extension are about one call. Every time here is the hub's own (inHubTime).

/** How far two clocks and a slow PBX may disagree about the start of one call. */
export const START_TOLERANCE_MS = 30_000
/** The same while a clock's difference is not known: PCs and PBXs without a time server are minutes off. */
export const UNKNOWN_CLOCK_MS = 3 * MINUTE_MS
/** No extension rings for longer before a person or a machine answers the call. */
export const RING_MS = 3 * MINUTE_MS
/** A call that began this long after another one had ended is another one: both clocks are known to a few seconds. */
const OVER_MS = 5_000

type Span = Pick<BoardCall, 'startedAtMs' | 'talkingSinceMs' | 'endedAtMs'>

/** Returns the call with the times that the hub's clock showed: its agent's clock may be ahead or behind. */
export function inHubTime<Call extends Span>(call: Call, aheadMs: number | undefined): Call {
  if (!aheadMs) return call
  return {
    ...call,
    startedAtMs: call.startedAtMs - aheadMs,
    ...(call.talkingSinceMs === undefined ? {} : { talkingSinceMs: call.talkingSinceMs - aheadMs }),
    ...(call.endedAtMs === undefined ? {} : { endedAtMs: call.endedAtMs - aheadMs }),
  }
}

/** Returns how far the starts are apart. A microphone starts when the talk does; the PBX also reports the ringing before it. */
export function startDistance(onBoard: Span, call: Span): number {
  const gap = (one: number | undefined, other: number | undefined) =>
    one === undefined || other === undefined ? Infinity : Math.abs(one - other)
  return Math.min(
    gap(onBoard.startedAtMs, call.startedAtMs),
    gap(onBoard.talkingSinceMs, call.startedAtMs),
    gap(onBoard.talkingSinceMs, call.talkingSinceMs),
  )
}

/** Returns whether one of the two was over before the other began: then they are two calls. */
export function isApart(one: Span, other: Span): boolean {
  const isBefore = (first: Span, second: Span) =>
    first.endedAtMs !== undefined &&
    second.startedAtMs > Math.max(first.endedAtMs, first.startedAtMs) + OVER_MS
  return isBefore(one, other) || isBefore(other, one)
}

/** Returns whether two clocks that are minutes off may show one call so: by its start, or by its end, before which it also rang. */
export function isNear(one: Span, other: Span): boolean {
  const areEnded = one.endedAtMs !== undefined && other.endedAtMs !== undefined
  const apartMs = areEnded ? Math.abs((one.endedAtMs ?? 0) - (other.endedAtMs ?? 0)) : Infinity
  return Math.min(startDistance(one, other), apartMs) <= UNKNOWN_CLOCK_MS
}

/**
 * Returns whether the ends allow that both are one call by two clocks: an agent's talk lies within the PBX's call, which also
 * rang before it.
 */
export function hasLengthOf(onBoard: Span, call: Span): boolean {
  if (onBoard.endedAtMs === undefined || call.endedAtMs === undefined) return true
  const lengths = [onBoard.endedAtMs - onBoard.startedAtMs, call.endedAtMs - call.startedAtMs]
  return Math.abs((lengths[0] ?? 0) - (lengths[1] ?? 0)) <= RING_MS + START_TOLERANCE_MS
}

/** The PBX reported only from the middle of the talk on (the hub had just started): its times lie within the agent's report. */
export function isReportedWithin(onBoard: Span, call: Span): boolean {
  if (onBoard.talkingSinceMs === undefined || onBoard.talkingSinceMs !== onBoard.startedAtMs) return false
  const endsAtMs = (call.endedAtMs ?? Infinity) + START_TOLERANCE_MS
  return call.startedAtMs <= onBoard.startedAtMs && (onBoard.endedAtMs ?? onBoard.startedAtMs) <= endsAtMs
}

/** The microphone started only when the call was picked up, long after it began to ring; both ends agree. */
export function isPickedUpLate(onBoard: Span, startedAtMs: number, endedAtMs: number): boolean {
  const rangMs = onBoard.startedAtMs - startedAtMs
  if (rangMs < 0 || rangMs > RING_MS || onBoard.startedAtMs > endedAtMs) return false
  return onBoard.endedAtMs === undefined || Math.abs(onBoard.endedAtMs - endedAtMs) <= START_TOLERANCE_MS
}

/**
 * The call rang for long before the talk that the microphone recorded, and the PBX has not reported when it was picked up (the
 * webhook never does): the talk lies within the PBX's times, and both ends agree.
 */
export function isPickedUp(onBoard: BoardCall, call: CallSnapshot): boolean {
  if (onBoard.talkingSinceMs !== undefined || onBoard.phase === 'missed') return false
  const isWithin =
    call.startedAtMs >= onBoard.startedAtMs && call.startedAtMs <= (onBoard.endedAtMs ?? Infinity)
  if (onBoard.endedAtMs === undefined || call.endedAtMs === undefined) return isWithin
  return isWithin && Math.abs(onBoard.endedAtMs - call.endedAtMs) <= START_TOLERANCE_MS
}
