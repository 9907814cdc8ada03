import type { CallFact } from '../call/callState.ts'
import type { Clock } from '@3cx-ninja/protocol'
import type { CallSource, CallSourceState } from './callSource.ts'
import { detectionTuning, type DetectionTuning } from './tuning.ts'

export interface CallSourcesNeeds {
  readonly sources: readonly CallSource[]
  readonly clock: Clock
  readonly tuning?: DetectionTuning
  readonly onFact: (fact: CallFact, source: string) => void
  /** A source failed: its name, cause and remedy. Once until it has been well again. */
  readonly onUserError: (trouble: Error, source: string) => void
  /** The diagnosis changed. */
  readonly onChange?: () => void
}

/** A source in the diagnosis. */
export type NamedSourceState =
  | { readonly name: string; readonly at: 'stopped' | 'starting' }
  | { readonly name: string; readonly at: 'watching' | 'idle'; readonly detail: string }
  | { readonly name: string; readonly at: 'failed'; readonly cause: string }

export interface CallSources {
  states(): readonly NamedSourceState[]
  stop(): Promise<void>
}

/**
 * Runs all call sources of this PC side by side. One that fails is named and tried again with growing pauses, for as long
 * as the agent runs: a source that is silently gone would be a call that is silently not recorded.
 */
export function createCallSources(needs: CallSourcesNeeds): CallSources {
  const { clock, tuning = detectionTuning } = needs
  const runs = needs.sources.map((source) => keepRunning(source))
  let isStopped = false

  function keepRunning(source: CallSource) {
    let failure: string | undefined
    let told: string | undefined
    let attempts = 0
    let generation = 0
    let halt: () => Promise<void> = () => Promise.resolve()
    let cancelAgain: () => void = () => undefined
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
              told = undefined
            }
            needs.onChange?.()
          },
          failed: (error) => {
            if (mine === generation) fail(error)
          },
        })
      } catch (error) {
        // It promised not to throw; a broken source must not take the others with it.
        halt = () => Promise.resolve()
        fail(error instanceof Error ? error : new Error(String(error)))
      }
    }
    const fail = (error: Error) => {
      generation += 1
      failure = error.message
      if (told !== error.message) needs.onUserError(error, source.name)
      told = error.message
      const wait = tuning.againMs[Math.min(attempts, tuning.againMs.length - 1)] ?? 1_000
      attempts += 1
      needs.onChange?.()
      // It may have failed inside of start, before its stop is known.
      closing = Promise.resolve().then(() => halt())
      cancelAgain = clock.after(wait, () => void closing.finally(again))
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
        cancelAgain()
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
