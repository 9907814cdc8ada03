import { MINUTE_MS, type BoardCall } from '@3cx-ninja/protocol'

/** How long an agent may be away in mid-call before the hub takes the call to be over. */
export const abandonedTuning = {
  /**
   * After the PBX said that it is over: an agent that lost its network or restarts is back within seconds, a PC that
   * restarts within two minutes, and tells the end itself; who waits for the ticket should not wait longer.
   */
  afterPbxMs: 3 * MINUTE_MS,
  /**
   * Where nobody tells: a telephone on that PC had no network either, and few calls last so long behind a cut. Presuming
   * wrongly costs a draft that is offered early; the agent's next report takes it back.
   */
  aloneMs: 30 * MINUTE_MS,
  /** A draft may come so much later than it could. */
  lookMs: 15_000,
} as const
export type AbandonedTuning = { readonly [Name in keyof typeof abandonedTuning]: number }

/** Since when the hub does not hear an agent: for how long, and at which time of the wall clock that began. */
export interface Away {
  readonly forMs: number
  readonly sinceMs: number
}

/** The call as the hub takes it to be, its agent being away; undefined: nothing is presumed (yet). Rule C8. */
export function presumeOver(
  call: BoardCall,
  away: Away,
  nowMs: number,
  tuning: AbandonedTuning = abandonedTuning,
): BoardCall | undefined {
  const { phase, pbxEndedAtMs, startedAtMs } = call
  if (call.agentId === undefined || phase === 'done' || phase === 'missed') return undefined
  const pbxToldIt = pbxEndedAtMs !== undefined && away.forMs >= tuning.afterPbxMs
  if (!pbxToldIt && away.forMs < tuning.aloneMs) return undefined
  return {
    ...call,
    phase: phase === 'ringing' ? 'missed' : 'done',
    endedAtMs: call.endedAtMs ?? Math.max(startedAtMs, pbxEndedAtMs ?? away.sinceMs),
    presumedOverAtMs: nowMs,
  }
}
