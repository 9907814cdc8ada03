/** All durations and sizes of the hub's recordings, with their reasons. */
export const recordingsTuning = {
  /** Least time between two flushes: one flush acknowledges all agents, and an agent can wait this long for it. */
  flushEveryMs: 20,
  /** Time after which a flush is retried that the disk refused. */
  retryMs: 1_000,
  /** Records of all agents kept in memory while the disk refuses: about 10 s of 1,000 calls; then agents send them again later. */
  maxUnflushedBytes: 64 * 1_048_576,
  /** An agent with more waiting is not read until half of it is written: a tenth of a second of a gigabit line, minutes of a call. */
  shareBytes: 2 * 1_048_576,
  /** The same once all together have more than this waiting: whoever else is served waits for the flush of all of it. */
  crowdedBytes: 8 * 1_048_576,
  /** The share then: 40 s of a live call, so that the agent of a live call is never stopped by others. */
  leastShareBytes: 256 * 1_024,
  /** The most that one agent may have waiting: what comes after its socket was stopped, or while the disk refuses. */
  mostShareBytes: 4 * 1_048_576,
  /** Time between two measures of what is free on the disk. */
  measureDiskMs: 1_000,
  /** The disk refused a new part, and no other one was refused for this long: opening counts as working again. */
  openingFaultMs: 60_000,
  /** Time between two checkpoints: entries are written to the parts' own files in batches, to spare system calls. */
  checkpointEveryMs: 1_000,
  /** A journal segment of this size is closed; it is deleted once its records are flushed in their own files. */
  segmentBytes: 64 * 1_048_576,
  /** Parts flushed at a time: Node has four threads for files, and the journal's flush, which agents wait for, needs one. */
  flushesAtOnce: 2,
  /** A segment older than this is closed too, so that a quiet hub's files are complete. */
  segmentMs: 60_000,
  /** A tail reader this many records behind reads the file again instead of keeping them in memory (about 100 s). */
  maxTailRecords: 2_000,
  /** A part that has ended and got no record for this long is closed. */
  closeIdleMs: 5_000,
  /** Files of parts that are open at once: eight times 1,000 calls. An unsealed part beyond them is opened when it is used. */
  maxPartHandles: 8_192,
}
export type RecordingsTuning = typeof recordingsTuning

/** The least that a start needs to load recordings side by side. */
const LEAST_PART_HANDLES = 16

/**
 * Returns how many files of parts may be open at once in a process that may open `filesLimit` files: a quarter of them, for
 * sockets, database and pages need the others.
 */
export function partHandles(
  filesLimit: number | undefined,
  { maxPartHandles }: Pick<RecordingsTuning, 'maxPartHandles'>,
): number {
  if (filesLimit === undefined) return maxPartHandles
  return Math.min(maxPartHandles, Math.max(LEAST_PART_HANDLES, Math.floor(filesLimit / 4)))
}
