import type { CallFactMessage, CallId, Clock, PbxLinkMessage } from '@3cx-ninja/protocol'
import type { CallFact } from '../call/callState.ts'
import type { CallSource, CallSourceReport, CallSourceState } from './callSource.ts'
import { cleanName, cleanNumber } from './contactUrl.ts'
import { detectionTuning, type DetectionTuning } from './tuning.ts'

export interface HubSource extends CallSource {
  /** A word of the hub about calls of this extension. `ownId`: our id for a call that the hub names. Rules C6 and C7. */
  receive(message: CallFactMessage | PbxLinkMessage, ownId: (callId: CallId) => CallId): void
  /** The link to the hub opened, with the hub's wall clock at that moment; undefined: it is down. */
  link(hubTimeMs: number | undefined): void
}

/** How the PBX is heard; `hub-away`: there is no link to ask through. `not-told`: the hub is of an older version. */
type Hearing = 'hub-away' | 'not-told' | PbxLinkMessage['at']

/**
 * Calls that the hub hears of at the PBX, while they go on: ringing with number and name, and the exact end. The hub is
 * ours, but what it passes on was said by a caller, so texts are cleaned and bounded here too.
 */
export function createHubSource({
  clock,
  tuning = detectionTuning,
}: {
  readonly clock: Clock
  readonly tuning?: DetectionTuning
}): HubSource {
  let report: CallSourceReport | undefined
  let hearing: Hearing = 'hub-away'
  /** The hub's wall clock less our monotonic one, as ours may be set while the link is open: times are the hub's. */
  let aheadMs = 0
  /** What holds, by leg: told again to a report that begins later. */
  const legs = new Map<string, CallFact>()
  /** What held when the hub or the PBX was heard last: what is not named afterwards has ended meanwhile. */
  const lost = new Map<string, CallFact>()

  const hears = (next: Hearing) => {
    if (next === hearing) return
    hearing = next
    report?.changed()
  }
  /** The leg has ended, or is not seen any more. */
  const leave = (leg: string, state: 'ended' | 'lost', about: Partial<CallFact> = {}) => {
    const known = legs.get(leg) ?? lost.get(leg)
    legs.delete(leg)
    lost.delete(leg)
    if (known && state === 'lost') lost.set(leg, known)
    const { sinceMs: _, ...fact } = { ...known, ...about }
    report?.fact({ ...fact, source: 'pbx', leg, state })
  }
  const endAllBut = (going: readonly string[]) => {
    for (const leg of [...legs.keys(), ...lost.keys()]) if (!going.includes(leg)) leave(leg, 'ended')
  }
  const loseAll = () => {
    for (const leg of [...legs.keys()]) leave(leg, 'lost')
  }
  const isStale = ({ state: state, atMs }: CallFactMessage) => {
    const ageMs = clock.monotonicMs() + aheadMs - atMs
    if (state === 'ended') return false
    return ageMs > (state === 'ringing' ? tuning.staleRingMs : tuning.staleTalkMs)
  }
  const hear = (message: CallFactMessage, callId: CallId) => {
    const { leg, state: state, direction, remoteNumber, remoteName, atMs, answered } = message
    const number = cleanNumber(remoteNumber ?? '')
    const name = cleanName(remoteName ?? '')
    const about = {
      callId,
      direction,
      ...(number ? { remoteNumber: number } : {}),
      ...(name ? { remoteName: name } : {}),
    }
    if (state === 'ended') return leave(leg, 'ended', { ...about, ...(answered ? { answered } : {}) })
    if (isStale(message) || (!legs.has(leg) && legs.size + lost.size >= tuning.maxLegs)) return
    const fact: CallFact = { source: 'pbx', leg, state, ...about, sinceMs: atMs - aheadMs }
    lost.delete(leg)
    legs.set(leg, fact)
    report?.fact(fact)
  }

  return {
    name: 'hub',
    state: () => (report ? stateOf(hearing, legs.size) : { at: 'stopped' }),
    start(to) {
      report = to
      to.changed()
      for (const fact of legs.values()) to.fact(fact)
      return () => {
        report = undefined
        return Promise.resolve()
      }
    },
    receive(message, ownId) {
      if (message.kind === 'call-fact') return hear(message, ownId(message.callId))
      if (message.at === 'open') endAllBut(message.legs)
      else loseAll()
      hears(message.at)
    },
    link(hubTimeMs) {
      if (hubTimeMs === undefined) {
        loseAll()
        return hears('hub-away')
      }
      aheadMs = hubTimeMs - clock.monotonicMs()
      hears('not-told')
    },
  }
}

function stateOf(hearing: Hearing, legs: number): CallSourceState {
  switch (hearing) {
    case 'open':
      return {
        at: 'watching',
        detail: legs === 0 ? 'the hub hears the PBX' : `the hub hears the PBX, ${legs} calls`,
      }
    case 'none':
      return { at: 'idle', detail: 'the hub knows no PBX that tells of calls' }
    case 'away':
      return { at: 'idle', detail: 'the PBX does not answer the hub' }
    case 'not-told':
      return { at: 'idle', detail: 'the hub does not tell of calls' }
    case 'hub-away':
      return { at: 'idle', detail: 'no link to the hub' }
  }
}
