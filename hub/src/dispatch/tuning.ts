/** All durations and sizes of dispatch, with their reasons. The lease's own length is the setting dispatch.leaseSeconds. */
export const dispatchTuning = {
  /** Leases are looked at this often; a silent worker is noticed within its lease plus this. */
  lookMs: 250,
  /** A worker that declined or lost a recording is not asked for it again before this. */
  coolMs: 3_000,
  /** From this many failures in a row without any progress on, a recording rests before its next offer … */
  patientFailures: 3,
  /** … this long at first, doubling, so that one recording that breaks every worker cannot keep them all broken … */
  restMs: 2_000,
  /** … and never longer than this. */
  maxRestMs: 5 * 60_000,
  /** A call that is on goes before a finished recording that has waited up to this much longer; so none waits for ever. */
  liveHeadStartMs: 10 * 60_000,
  /** A recording that is not sealed and did not grow for this long gives its place up when another waits for one. */
  quietMs: 30_000,
  /** A recording of a call that was presumed over did not grow for this long: what the worker holds of it is not waited with. */
  brokenOffMs: 2_000,
  /** A holder that renews, but neither takes records nor says anything for this long, has lost its way. */
  stuckMs: 5 * 60_000,
  /** Records sent ahead of what the worker has taken in: 60 s of both channels. */
  windowRecords: 1_200,
  /** Bytes waiting in a worker's socket above which its feeds pause. */
  maxBufferedBytes: 1_048_576,
  /** How many ended leases are remembered, to tell a late worker why. */
  endedRemembered: 2_000,
}
export type DispatchTuning = typeof dispatchTuning
