/** All durations and sizes of dispatch, with their reasons. The lease's own length is the setting dispatch.leaseSeconds. */
export const dispatchTuning = {
  /** Time between two sweeps over the leases; the end of an unresponsive worker is noticed within its lease plus this. */
  sweepMs: 250,
  /** A worker that declined or lost a recording gets no offer of that recording before this has passed. */
  cooldownMs: 3_000,
  /** From this many failures in a row without any progress on, a recording backs off before its next offer … */
  failuresBeforeBackoff: 3,
  /** … this long at first, doubling, so that one recording that breaks every worker cannot keep them all broken … */
  backoffMs: 2_000,
  /** … and never longer than this. */
  maxBackoffMs: 5 * 60_000,
  /** An active call goes before a finished recording that has waited up to this much longer; so none waits forever. */
  liveHeadStartMs: 10 * 60_000,
  /** A recording without a seal that did not grow for this long gives its slot up when another one waits for a slot. */
  quietMs: 30_000,
  /** A recording of a call presumed over that did not grow for this long is ended early: its open partial becomes final. */
  abandonedMs: 2_000,
  /**
   * A holder that renews, owes acknowledgements or text, sends neither for this long, and does not say that it is behind, takes
   * nothing: the lease is revoked. A worker acknowledges what it has read within 2 s.
   */
  noProgressMs: 10_000,
  /** A holder that says it is behind may decode for this long: a CPU needs minutes for half a minute of speech … and no longer. */
  stuckMs: 5 * 60_000,
  /** The same for a lease of which nothing was ever acknowledged: the first records are read before anything is decoded. */
  unmovedMs: 30_000,
  /** Partials of one lease that are relayed: a worker shows two channels twice a second. The others are dropped. */
  partials: { perSecond: 20, atOnce: 40 },
  /**
   * Messages of one worker that wait to be stored: above this its socket is not read. A worker with 200 slots has a few waiting;
   * renewals wait behind them, so the bound is far above what a slow disk leaves.
   */
  maxStoring: 2_000,
  /** Demerits of a worker that lost calls halve in this time: a worker that was repaired is asked first again in minutes. */
  demeritHalfLifeMs: 60_000,
  /**
   * Recordings of one agent that may be ahead of those of other agents: one technician telephones once at a time, and brings a
   * few more after a time without the hub.
   */
  recordingsAhead: 4,
  /** Records sent ahead of what the worker has acknowledged: 60 s of both channels. */
  windowRecords: 1_200,
  /** Bytes waiting in a worker's socket above which the feeds of that worker pause. */
  maxBufferedBytes: 1_048_576,
  /** Ended leases that are remembered, so that a late worker is sent the reason. */
  maxEndedLeases: 2_000,
}
export type DispatchTuning = typeof dispatchTuning
