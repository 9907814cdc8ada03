import type { CallFact } from '../call/callState.ts'

/** State of a source, for the diagnosis. `detail` is a short English text without names or numbers of people. */
export type CallSourceState =
  | { readonly at: 'stopped' }
  | { readonly at: 'starting' }
  | { readonly at: 'watching'; readonly detail: string }
  /** The source runs, but nothing can report calls to it now, through no fault of its own. */
  | { readonly at: 'idle'; readonly detail: string }
  | { readonly at: 'failed'; readonly cause: string }

/** The sink of a running source. Calls after `stop` are ignored. */
export interface CallSourceReport {
  /** Applies what the source found out about a call. */
  fact(fact: CallFact): void
  /** Notes that `state()` of the source returns something new. */
  changed(): void
  /** Notes that the source cannot go on: cause and remedy in the message. The owner stops it and starts it again after a delay. */
  failed(error: Error): void
}

/**
 * Port of everything that notices calls on this PC. A source may be started again after `failed` or `stop`. It corrects its
 * own facts of before a failure: a source that reported 'talking' and finds the call gone after a new start reports 'ended'.
 */
export interface CallSource {
  /** Unique name for the diagnosis and the log, such as `pulse` or `consent-store`. */
  readonly name: string
  /** Starts the source; never throws: failures go to `failed`. The returned stop resolves once nothing is open; it is safe twice. */
  start(report: CallSourceReport): () => Promise<void>
  /** Returns the state of the source. */
  state(): CallSourceState
}
