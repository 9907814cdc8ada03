import { causeOf, type Logger } from '../process/log.ts'
import type { CallSourceReport, CallSourceState } from './callSource.ts'

/** The state of one running call source: each change is reported, and a failure is final for this run. */
export interface SourceState {
  /** Stores the state and reports the change. */
  set(next: CallSourceState): void
  /** Stores 'watching' and reports it, where the state or its detail is new. */
  watching(detail: string): void
  /** Stores 'failed', writes the log and calls `report.failed` with the cause; ignored after `stop` or a failure. */
  fail(error: unknown): void
  /** Returns whether the run is over, by `stop` or by a failure. */
  isOver(): boolean
  /** Ends the run; a failure stays as the state. Returns the function to call once nothing is open any more. */
  stop(): () => void
}

/** Creates the state of a run. `store` keeps it for the source's `state()`, over the runs of the source. */
export function createSourceState(needs: {
  readonly name: string
  readonly log: Logger
  readonly report: CallSourceReport
  readonly read: () => CallSourceState
  readonly store: (next: CallSourceState) => void
}): SourceState {
  const { name, log, report, read, store } = needs
  let isOver = false
  const set = (next: CallSourceState) => {
    store(next)
    report.changed()
  }
  return {
    set,
    watching(detail) {
      const state = read()
      if (state.at !== 'watching' || state.detail !== detail) set({ at: 'watching', detail })
    },
    fail(error) {
      if (isOver) return
      isOver = true
      const cause = causeOf(error)
      set({ at: 'failed', cause })
      log.warn({ source: name, cause }, 'call-source.failed')
      report.failed(error instanceof Error ? error : new Error(cause))
    },
    isOver: () => isOver,
    stop() {
      const wasFailed = read().at === 'failed'
      isOver = true
      return () => {
        if (!wasFailed) store({ at: 'stopped' })
      }
    },
  }
}
