import { MINUTE_MS, SECOND_MS, type BackoffTuning } from '@3cx-ninja/protocol'

/** All durations and limits of the Call Control client, with their reasons. */
export interface CallControlTuning {
  readonly answerMs: number
  readonly pingMs: number
  readonly silentMs: number
  readonly watchdogMs: number
  readonly listsApartMs: number
  readonly retry: BackoffTuning
  readonly refused: BackoffTuning
  readonly stableMs: number
  readonly fetchesAtOnce: number
  readonly fetchesPerSecond: number
  readonly maxWaitingFetches: number
  readonly failedLists: number
  readonly sharedTokenMs: number
  readonly sharedTokenTimes: number
}

/** The durations and limits that the hub runs with, each with its reason. */
export const callControlTuning: CallControlTuning = {
  /** A PBX on the same continent answers in milliseconds; a list of thousands of extensions takes a few seconds. */
  answerMs: 15 * SECOND_MS,
  /** As 3CX's own sample: https://github.com/3cx/call-control-examples. */
  pingMs: 5 * SECOND_MS,
  /** Three pings without an answer: the peer is gone without a word. */
  silentMs: 15 * SECOND_MS,
  /** Frames may be lost without a sign; what was lost is found by then. Practice: 30 to 60 s. */
  watchdogMs: 45 * SECOND_MS,
  /** A list shows everything: requested after events, at most this often. */
  listsApartMs: 2 * SECOND_MS,
  retry: { firstMs: SECOND_MS, maxMs: MINUTE_MS, factor: 2 },
  /** A person must act, and 3CX bars an address that signs in wrongly again and again. */
  refused: { firstMs: 5 * MINUTE_MS, maxMs: 60 * MINUTE_MS, factor: 2 },
  /** After a connection that lasted so long the pauses begin again at the shortest. */
  stableMs: MINUTE_MS,
  fetchesAtOnce: 4,
  /** 3CX states no limit; a busy hour of 1,000 telephones has some 10 events a second. */
  fetchesPerSecond: 20,
  /** Two seconds of requests: one list is faster, and easier on the PBX. */
  maxWaitingFetches: 40,
  /** The socket is open, but the PBX does not answer: connect again. */
  failedLists: 3,
  /** Only one token of a client is valid: replaced so often in that time, another program uses the same client. */
  sharedTokenMs: 10 * MINUTE_MS,
  sharedTokenTimes: 3,
}

/** A list of 5,000 extensions with their telephones has some 10 MB. */
export const MAX_LIST_BYTES = 32 * 1_048_576
/** An answer about one participant or a token has some kB; more is refused. */
export const MAX_ANSWER_BYTES = 1_048_576
/** A frame has some 150 bytes, with a participant 1 kB. */
export const MAX_FRAME_BYTES = 262_144
