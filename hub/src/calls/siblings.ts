import { sameNumber } from '@3cx-ninja/phone-numbers/compareNumbers.ts'
import type { BoardCall, CallId } from '@3cx-ninja/protocol'

/** A queue rings its telephones together, or one soon after the other. */
const TOGETHER_MS = 30_000
/** Calls that a webhook reported last; older ones began too long ago. */
const MAX_RECENT = 500

/**
 * The calls that webhooks reported last. A queue that rings ten telephones is reported once for each of them, without a name of
 * the conversation: the reports of one caller within 30 seconds, at several extensions, are one conversation.
 */
export interface Siblings {
  /** Returns the call of another extension that is the same conversation; the answered one first. */
  of(call: BoardCall): BoardCall | undefined
  /** Remembers that a webhook reported this call. */
  add(callId: CallId): void
}

/** Creates an empty memory of reported calls; the calls themselves are read from the board. */
export function createSiblings(calls: ReadonlyMap<CallId, BoardCall>, country: string): Siblings {
  const recent = new Set<CallId>()
  const isAnswered = ({ phase, direction }: BoardCall) => phase !== 'missed' && direction !== 'outbound'
  return {
    of(call) {
      const found = [...recent].flatMap((callId) => {
        const other = calls.get(callId)
        const isSibling =
          other !== undefined &&
          other.callId !== call.callId &&
          other.extension !== call.extension &&
          other.direction !== 'outbound' &&
          call.direction !== 'outbound' &&
          // Two technicians who talk to two people of one company are in two calls.
          !(isAnswered(other) && isAnswered(call)) &&
          Math.abs(other.startedAtMs - call.startedAtMs) <= TOGETHER_MS &&
          sameNumber(other.remoteNumber, call.remoteNumber, country)
        return isSibling ? [other] : []
      })
      return (
        found.find(isAnswered) ?? found.find(({ conversation }) => conversation !== undefined) ?? found[0]
      )
    },
    add(callId) {
      recent.delete(callId)
      recent.add(callId)
      if (recent.size > MAX_RECENT) for (const oldest of recent) return void recent.delete(oldest)
    },
  }
}
