import type { CallFact } from '../call/callState.ts'
import { toError, type Clock } from '@3cx-ninja/protocol'
import type { CallSource, CallSourceState } from './callSource.ts'
import { detectionTuning, type DetectionTuning } from './tuning.ts'

/** The sources, the clock and the callbacks that `openCallSources` supervises. */
export interface CallSourcesNeeds {
  readonly sources: readonly CallSource[]
  readonly clock: Clock
  readonly tuning?: DetectionTuning
  readonly onFact: (fact: CallFact, source: string) => void
  /** Called with cause and remedy when a source fails; once for the same cause until the source has watched again. */
  readonly onUserError: (error: Error, source: string) => void
  /** Called when `states()` returns something new. */
  readonly onChange?: () => void
}

/** A source and its state, for the diagnosis. */
export type NamedSourceState =
  | { readonly name: string; readonly at: 'stopped' | 'starting' }
  | { readonly name: string; readonly at: 'watching' | 'idle'; readonly detail: string }
  | { readonly name: string; readonly at: 'failed'; readonly cause: string }

/** The supervised call sources; a source that fails is named and opened again. */
export interface CallSources {
  /** Returns the state of each source, in the given order. */
  states(): readonly NamedSourceState[]
  /** Stops all sources. Resolves once nothing is open. */
  stop(): Promise<void>
}

/**
 * Runs all call sources of this PC side by side. A source that fails is named and started again with growing delays, for as
 * long as the agent runs: a source that is silently gone would be a call that is silently not recorded.
 */
export function createCallSources(needs: CallSourcesNeeds): CallSources {
  const { clock, tuning = detectionTuning } = needs
  const runs = needs.sources.map((source) => keepRunning(source))
  let isStopped = false

  function keepRunning(source: CallSource) {
    let failure: string | undefined
    let reported: string | undefined
    let attempts = 0
    let generation = 0
    let halt: () => Promise<void> = () => Promise.resolve()
    let cancelRetry: () => void = () => undefined
    let closing: Promise<void> = Promise.resolve()

    const start = () => {
      generation += 1
      const mine = generation
      failure = undefined
      try {
        halt = source.start({
          fact: (fact) => {
            if (mine === generation) needs.onFact(fact, source.name)
          },
          changed: () => {
            if (mine !== generation) return
            if (source.state().at === 'watching') {
              attempts = 0
              reported = undefined
            }
            needs.onChange?.()
          },
          failed: (error) => {
            if (mine === generation) fail(error)
          },
        })
      } catch (error) {
        // A source must not throw; a broken one must not stop the others.
        halt = () => Promise.resolve()
        fail(toError(error))
      }
    }
    const fail = (error: Error) => {
      generation += 1
      failure = error.message
      if (reported !== error.message) needs.onUserError(error, source.name)
      reported = error.message
      const delayMs = tuning.retryMs[Math.min(attempts, tuning.retryMs.length - 1)] ?? 1_000
      attempts += 1
      needs.onChange?.()
      // The source may have failed inside of start, before its stop exists.
      closing = Promise.resolve().then(() => halt())
      cancelRetry = clock.after(delayMs, () => void closing.finally(again))
    }
    const again = () => {
      if (!isStopped) start()
    }
    const state = (): CallSourceState => (failure ? { at: 'failed', cause: failure } : source.state())
    return {
      start,
      state,
      async stop() {
        generation += 1
        cancelRetry()
        await closing
        await halt()
      },
    }
  }

  for (const run of runs) run.start()
  return {
    states: () =>
      needs.sources.map(({ name }, index) => ({ name, ...(runs[index]?.state() ?? { at: 'stopped' }) })),
    async stop() {
      isStopped = true
      await Promise.all(runs.map((run) => run.stop()))
    },
  }
}
