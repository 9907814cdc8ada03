import { isSettled, MINUTE_MS, type BoardCall } from '@3cx-ninja/protocol'

/** How long an agent may be away in mid-call before the hub presumes that the call is over. */
export const abandonedTuning = {
  /**
   * After the PBX reported the end: an agent that lost its network or restarts is back within seconds, a PC that restarts
   * within two minutes, and reports the end itself; the ticket must not wait longer.
   */
  afterPbxMs: 3 * MINUTE_MS,
  /**
   * Without a report of the PBX: a telephone on that PC had no network either, and few calls last this long after a cut. A
   * wrong presumption costs a draft that is offered early; the agent's next report revokes it.
   */
  aloneMs: 30 * MINUTE_MS,
  /** Time between two sweeps: a draft may come this much later than it could. */
  sweepMs: 15_000,
} as const
export type AbandonedTuning = { readonly [Name in keyof typeof abandonedTuning]: number }

/** An agent's absence: how long it has lasted, and the wall-clock time at which it began. */
export interface Away {
  readonly forMs: number
  readonly sinceMs: number
}

/** Returns the call as presumed over while its agent is away; undefined as long as nothing is presumed. Rule C8. */
export function presumeOver(
  call: BoardCall,
  away: Away,
  nowMs: number,
  tuning: AbandonedTuning = abandonedTuning,
): BoardCall | undefined {
  const { phase, pbxEndedAtMs, startedAtMs } = call
  if (call.agentId === undefined || isSettled(call)) return undefined
  const pbxReportedEnd = pbxEndedAtMs !== undefined && away.forMs >= tuning.afterPbxMs
  if (!pbxReportedEnd && away.forMs < tuning.aloneMs) return undefined
  return {
    ...call,
    phase: phase === 'ringing' ? 'missed' : 'done',
    endedAtMs: call.endedAtMs ?? Math.max(startedAtMs, pbxEndedAtMs ?? away.sinceMs),
    presumedOverAtMs: nowMs,
  }
}
