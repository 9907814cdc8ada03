import { MINUTE_MS, type BoardCall, type CallId } from '@3cx-ninja/protocol'

/** Two reports with one id of the sender are about one call only where it began in this time. */
const TOGETHER_MS = 10 * MINUTE_MS
/** Ids of the last days at a busy site; an older one joins nothing any more. */
const MAX_IDS = 5_000

interface Named {
  readonly senderCallId?: string
  readonly extension: string
}

/**
 * The senders' own ids of calls. An id stands for a call only at the same extension and around the same start: a queue gives
 * one id to ten telephones, and middleware may count from 1 each morning. An id that came with two different calls stands for
 * none.
 */
export interface SenderIds {
  /** Returns the id of the call that this sender's id stands for; undefined: none, or two. */
  callOf(report: Named, startedAtMs: number | undefined): CallId | undefined
  /** Remembers that the report was about this call. Returns true when its id came with another call before. */
  saw(report: Named, call: Pick<BoardCall, 'callId' | 'startedAtMs'>): boolean
}

/** Creates an empty memory of ids. */
export function createSenderIds(): SenderIds {
  const known = new Map<string, { readonly callId: CallId; readonly startedAtMs: number } | 'two calls'>()
  const keyOf = ({ senderCallId, extension }: Named) =>
    senderCallId === undefined ? undefined : `${extension}\n${senderCallId}`
  return {
    callOf(report, startedAtMs) {
      const key = keyOf(report)
      const found = key === undefined ? undefined : known.get(key)
      if (!found || found === 'two calls') return undefined
      const isTogether = startedAtMs === undefined || Math.abs(found.startedAtMs - startedAtMs) <= TOGETHER_MS
      return isTogether ? found.callId : undefined
    },
    saw(report, { callId, startedAtMs }) {
      const key = keyOf(report)
      if (key === undefined) return false
      const found = known.get(key)
      if (found === 'two calls') return true
      const isOther = found !== undefined && found.callId !== callId
      known.delete(key) // the newest id is the last to be evicted
      known.set(key, isOther ? 'two calls' : { callId, startedAtMs })
      if (known.size > MAX_IDS) for (const oldest of known.keys()) return known.delete(oldest) && isOther
      return isOther
    },
  }
}
