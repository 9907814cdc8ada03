import { differentNumbers } from '@3cx-ninja/phone-numbers/compareNumbers.ts'
import { isActive, type BoardCall } from '@3cx-ninja/protocol'
import type { CallIndex } from './callIndex.ts'
import { RING_MS } from './joinTimes.ts'
import type { CurrentFact, LiveFact } from './liveFact.ts'

/** A call goes through few hands; a PBX that names more is broken. */
export const MAX_CONTINUED = 20

/** A call in progress and the ended calls of colleagues that it continues. */
export interface HandOver {
  readonly heir: BoardCall
  readonly ended: readonly BoardCall[]
}

/**
 * Returns what a fact hands over: the ended calls of the conversation, to the technician who talks in it now. The PBX's word
 * alone decides: one conversation, one outside party, a colleague's part that is over, and a part that goes on. So the
 * technician who talks last has the whole call, after a transfer and after a conference. Rule C11.
 */
export function handOverBy(
  fact: LiveFact,
  {
    index,
    current,
    country,
  }: {
    readonly index: Pick<CallIndex, 'calls' | 'ofConversation'>
    readonly current: readonly CurrentFact[]
    readonly country: string
  },
): HandOver | undefined {
  const { conversation, atMs } = fact
  if (conversation === undefined || fact.state === 'ringing') return undefined
  const talking = current
    .filter((one) => one.fact.conversation === conversation && isOutsideTalk(one.fact))
    .sort((one, other) => other.fact.atMs - one.fact.atMs)[0]
  const heir = talking && index.calls.get(talking.callId)
  if (!heir || (heir.continues?.length ?? 0) >= MAX_CONTINUED) return undefined
  const active = new Set(current.map(({ callId }) => callId))
  const ended = index
    .ofConversation(conversation)
    .filter(
      (one) =>
        !active.has(one.callId) &&
        one.continuedBy === undefined &&
        wasTalkedOutside(one) &&
        (endOf(one) ?? -Infinity) >= atMs - RING_MS &&
        !differentNumbers(one.remoteNumber, talking.fact.remoteNumber, country),
    )
  return ended.length === 0 ? undefined : { heir, ended }
}

const isOutsideTalk = ({ state, direction }: LiveFact) => state !== 'ringing' && direction !== 'internal'

const wasTalkedOutside = ({ talkingSinceMs, direction }: BoardCall) =>
  talkingSinceMs !== undefined && direction !== 'internal'

/** Returns when the call ended, by the PBX before its agent; undefined: it goes on. */
function endOf(call: BoardCall): number | undefined {
  return call.pbxEndedAtMs ?? (isActive(call) ? undefined : call.endedAtMs)
}
