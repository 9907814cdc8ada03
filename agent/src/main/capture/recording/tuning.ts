import { MINUTE_MS, SECOND_MS } from '@3cx-ninja/protocol'

/** All durations of recording with their reasons; tests override single ones. */
export const captureTuning = {
  /** Audio kept from before the recording starts: longer than the call machine's debounce, too short to hold a private talk. */
  preRollMs: 2 * SECOND_MS,
  /** Blocks kept while the recording's file is being created; a disk slower than this loses audio anyway. */
  beginningMs: 30 * SECOND_MS,
  /** A silent microphone or caller is reported within this, counted from the start of the talk. */
  firstSoundMs: 5 * SECOND_MS,
  /** A source that gives no block at all for this long hangs: both sides are reported as silent, and the source is opened again. */
  stalledMs: 4 * SECOND_MS,
  /** A source that failed is opened again after this. */
  reopenMs: SECOND_MS,
  /** Silence of a channel that had audio before is reported after this: people listen for a long time. */
  laterSoundMs: MINUTE_MS,
  /** A capture that is not needed any more stays open this long, so that a call that follows at once has its pre-roll. */
  disarmMs: 2 * SECOND_MS,
  /** A seal that a full disk refused is tried again after this: a person clears the disk, so the seal needs no hurry. */
  sealRetryMs: 5 * SECOND_MS,
}
/** The numbers of recording, overridden only by tests and the headless agent. */
export type CaptureTuning = typeof captureTuning

/** Opus for speech: 245 kB a minute for both sides, below 2 % of one core. */
export const OPUS_BITS_PER_SECOND = 24_000
/** Length of one Opus packet; five of them make one audio record. Rule R12. */
export const PACKET_MS = 20
