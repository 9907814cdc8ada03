export const dispatchTuning = {
  /** A worker that does not answer an offer within this time is passed over. */
  answerMs: 2_000,
  /** Leases are looked at this often; a lost worker is noticed within its lease plus this. */
  lookMs: 250,
  /** A worker that declined or lost a recording is not asked for it again before this. */
  coolMs: 3_000,
  /** Records sent ahead of what the worker has taken in: 60 s of both channels. */
  windowRecords: 1_200,
  /** Bytes waiting in a worker's socket above which its feeds pause. */
  maxBufferedBytes: 1_048_576,
}
export type DispatchTuning = typeof dispatchTuning
