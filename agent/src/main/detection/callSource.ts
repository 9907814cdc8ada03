import type { CallFact } from '../call/callState.ts'

/** How a source stands, for the diagnosis. `detail` is a short English text without names or numbers of people. */
export type CallSourceState =
  | { readonly at: 'stopped' }
  | { readonly at: 'starting' }
  | { readonly at: 'watching'; readonly detail: string }
  /** It runs, but there is nothing that could tell it of calls now, through no fault of its own. */
  | { readonly at: 'idle'; readonly detail: string }
  | { readonly at: 'failed'; readonly cause: string }

/** What a running source tells. Calls after `stop` are ignored. */
export interface CallSourceReport {
  fact(fact: CallFact): void
  /** The state of the source changed. */
  changed(): void
  /** The source cannot go on: cause and remedy in the message. It is stopped, and started again after a while. */
  failed(error: Error): void
}

/**
 * Something that notices calls on this PC. It may be started again after `failed` or `stop`. What it told before a failure
 * is its own to correct: a source that said 'talking' and finds the call gone after a new start tells 'ended'.
 */
export interface CallSource {
  /** Unique; stands in the diagnosis and in the log, such as `pulse` or `consent-store`. */
  readonly name: string
  /** Must not throw; what goes wrong is told by `failed`. The returned stop is safe twice; after it nothing stays open. */
  start(report: CallSourceReport): () => Promise<void>
  state(): CallSourceState
}
