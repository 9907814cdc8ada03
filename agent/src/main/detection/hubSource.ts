import type { CallFactMessage, CallId, Clock, PbxLinkMessage } from '@3cx-ninja/protocol'
import type { CallFact } from '../call/callState.ts'
import type { CallSource, CallSourceReport, CallSourceState } from './callSource.ts'
import { cleanName, cleanNumber } from './contactUrl.ts'
import { detectionTuning, type DetectionTuning } from './tuning.ts'

/** The call source that turns the hub's facts about the PBX into facts of this PC. */
export interface HubSource extends CallSource {
  /** Applies a message of the hub about calls of this extension. `ownId`: our id for a call that the hub names. Rules C6 and C7. */
  receive(message: CallFactMessage | PbxLinkMessage, ownId: (callId: CallId) => CallId): void
  /** Notes that the link to the hub opened, with the hub's wall clock at that moment; undefined: the link is down. */
  link(hubTimeMs: number | undefined): void
}

/** Link of the hub to the PBX; `hub-away`: there is no link to the hub. `unreported`: the hub, an older version, sent no state. */
type PbxLink = 'hub-away' | 'unreported' | PbxLinkMessage['at']

interface HubSourceState {
  readonly clock: Clock
  readonly tuning: DetectionTuning
  report: CallSourceReport | undefined
  pbx: PbxLink
  /** The hub's wall clock less our monotonic one, as ours may be set while the link is open: times are the hub's. */
  aheadMs: number
  /** The facts that hold, by leg: reported again to a report that begins later. */
  readonly legs: Map<string, CallFact>
  /** The facts that held when the hub or the PBX was lost: a leg that is not named afterwards has ended meanwhile. */
  readonly lost: Map<string, CallFact>
}

/**
 * Calls that the hub receives from the PBX, while they go on: ringing with number and name, and the exact end. The hub is
 * ours, but the texts that it passes on come from a caller, so they are cleaned and bounded here too. A leg is reported, then
 * lost (the hub or the PBX is away) or ended. Knows nothing of sockets: the hub's link calls `receive` and `link`.
 */
export function createHubSource({
  clock,
  tuning = detectionTuning,
}: {
  readonly clock: Clock
  readonly tuning?: DetectionTuning
}): HubSource {
  const source: HubSourceState = {
    clock,
    tuning,
    report: undefined,
    pbx: 'hub-away',
    aheadMs: 0,
    legs: new Map(),
    lost: new Map(),
  }
  return {
    name: 'hub',
    state: () => (source.report ? stateOf(source.pbx, source.legs.size) : { at: 'stopped' }),
    start(report) {
      source.report = report
      report.changed()
      for (const fact of source.legs.values()) report.fact(fact)
      return () => {
        source.report = undefined
        return Promise.resolve()
      }
    },
    receive(message, ownId) {
      if (message.kind === 'call-fact') return applyFact(source, message, ownId(message.callId))
      if (message.at === 'open') endAllBut(source, message.legs)
      else loseAll(source)
      setPbxLink(source, message.at)
    },
    link(hubTimeMs) {
      if (hubTimeMs === undefined) {
        loseAll(source)
        return setPbxLink(source, 'hub-away')
      }
      source.aheadMs = hubTimeMs - clock.monotonicMs()
      setPbxLink(source, 'unreported')
    },
  }
}

function setPbxLink(source: HubSourceState, next: PbxLink): void {
  if (next === source.pbx) return
  source.pbx = next
  source.report?.changed()
}

function applyFact(source: HubSourceState, message: CallFactMessage, callId: CallId): void {
  const { legs, lost, tuning, aheadMs, report } = source
  const { leg, state, direction, remoteNumber, remoteName, atMs, answered } = message
  const number = cleanNumber(remoteNumber ?? '')
  const name = cleanName(remoteName ?? '')
  const about = {
    callId,
    direction,
    ...(number ? { remoteNumber: number } : {}),
    ...(name ? { remoteName: name } : {}),
  }
  if (state === 'ended') return leave(source, leg, 'ended', { ...about, ...(answered ? { answered } : {}) })
  if (isStale(source, message) || (!legs.has(leg) && legs.size + lost.size >= tuning.maxLegs)) return
  const fact: CallFact = { source: 'pbx', leg, state, ...about, sinceMs: atMs - aheadMs }
  lost.delete(leg)
  legs.set(leg, fact)
  report?.fact(fact)
}

function isStale({ clock, aheadMs, tuning }: HubSourceState, { state, atMs }: CallFactMessage): boolean {
  const ageMs = clock.monotonicMs() + aheadMs - atMs
  return ageMs > (state === 'ringing' ? tuning.staleRingMs : tuning.staleTalkMs)
}

/** Reports that the leg has ended, or is not seen any more. */
function leave(
  { legs, lost, report }: HubSourceState,
  leg: string,
  state: 'ended' | 'lost',
  about: Partial<CallFact> = {},
): void {
  const last = legs.get(leg) ?? lost.get(leg)
  legs.delete(leg)
  lost.delete(leg)
  if (last && state === 'lost') lost.set(leg, last)
  const { sinceMs: _, ...fact } = { ...last, ...about }
  report?.fact({ ...fact, source: 'pbx', leg, state })
}

function endAllBut(source: HubSourceState, named: readonly string[]): void {
  for (const leg of [...source.legs.keys(), ...source.lost.keys()])
    if (!named.includes(leg)) leave(source, leg, 'ended')
}

function loseAll(source: HubSourceState): void {
  for (const leg of [...source.legs.keys()]) leave(source, leg, 'lost')
}

function stateOf(pbx: PbxLink, legs: number): CallSourceState {
  switch (pbx) {
    case 'open':
      return {
        at: 'watching',
        detail:
          legs === 0 ? 'the hub receives calls of the PBX' : `the hub receives calls of the PBX, ${legs} now`,
      }
    case 'none':
      return { at: 'idle', detail: 'the hub has no PBX that reports calls' }
    case 'away':
      return { at: 'idle', detail: 'the PBX does not answer the hub' }
    case 'unreported':
      return { at: 'idle', detail: 'the hub does not report calls' }
    case 'hub-away':
      return { at: 'idle', detail: 'no link to the hub' }
  }
}
