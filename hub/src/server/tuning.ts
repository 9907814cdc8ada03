import { SECOND_MS } from '@3cx-ninja/protocol'

/** All durations of the server; their reasons stand beside the values. */
export interface ServerTuning {
  readonly headersMs: number
  readonly requestMs: number
  readonly checkMs: number
  readonly refusalMs: number
  readonly stopMs: number
  readonly gatherMs: number
}

/** The durations that the hub runs with, each with its reason. */
export const serverTuning: ServerTuning = {
  /** A connection that has not sent a request by then is no client of ours. */
  headersMs: 10 * SECOND_MS,
  /** The largest body is 256 KiB: two minutes are enough for the slowest line. */
  requestMs: 120 * SECOND_MS,
  /** How often the two above are checked; Node's own default of 30 s would treble them. */
  checkMs: 5 * SECOND_MS,
  /** A refused peer that does not close is cut: it must not hold a handle forever. */
  refusalMs: 2 * SECOND_MS,
  /** Sockets get this long to answer the close on stop; agents reconnect anyway. */
  stopMs: 2 * SECOND_MS,
  /** Sound may wait this long to leave together with that of other calls: nothing compared with the 600 ms that end an utterance. */
  gatherMs: 5,
}
