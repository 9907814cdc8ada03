/** All durations and sizes of the hub's recordings, with their reasons. */
export const recordingsTuning = {
  /** Least time between two flushes: one flush acknowledges everybody, and an agent can wait this long for it. */
  flushEveryMs: 20,
  /** A disk that refused is asked again after this long. */
  retryMs: 1_000,
  /** Records kept in memory while the disk refuses: about 10 s of 1,000 calls; then agents send them again later. */
  maxUnflushedBytes: 64 * 1_048_576,
  /** The disk refused a new part, and no other one was refused for so long: it is taken for healed. */
  openingFaultMs: 60_000,
  /** Entries of a part move from memory to its own file in batches, to spare system calls. */
  checkpointEveryMs: 1_000,
  /** A journal segment of this size is closed; it is deleted once its records are flushed in their own files. */
  segmentBytes: 64 * 1_048_576,
  /** Parts flushed at a time: Node has four threads for files, and the journal's flush, which agents wait for, needs one. */
  flushesAtOnce: 2,
  /** A segment older than this is closed too, so that a quiet hub's files are complete. */
  segmentMs: 60_000,
  /** A follower this many records behind reads from the file again instead of holding them in memory (about 100 s). */
  maxTailRecords: 2_000,
  /** A part that nothing was added to for this long, and that is ended, is closed. */
  closeIdleMs: 5_000,
}
export type RecordingsTuning = typeof recordingsTuning
