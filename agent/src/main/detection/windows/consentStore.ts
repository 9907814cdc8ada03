import { causeOf, type Logger } from '../../process/log.ts'
import type { Clock } from '@3cx-ninja/protocol'
import type { CallSource, CallSourceReport, CallSourceState } from '../callSource.ts'
import { createSourceState, type SourceState } from '../sourceState.ts'
import { microphoneUses, type ConsentKey } from './consentEntries.ts'
import type { MicrophoneEvidence } from './microphoneEvidence.ts'
import type { Softphones } from './softphones.ts'
import type { WindowsTuning } from './tuning.ts'

/** Windows' record of who uses the microphone, as the source needs it; `native/consentRegistry.ts` is the real one. */
export interface ConsentRegistry {
  /** Returns all keys of packaged and classic programs; empty where the store does not exist (yet). */
  read(): readonly ConsentKey[]
  /**
   * Calls `changed` once it watches and after each change from then on, also of a store that is deleted and created again;
   * calls `failed` at most once and watches no more. Once the returned stop resolves, nothing is called and nothing is open.
   */
  watch(changed: () => void, failed: (error: Error) => void): () => Promise<void>
}

/** The registry watch, the clock and the softphones of the consent-store witness. */
export interface ConsentStoreNeeds {
  readonly clock: Clock
  readonly log: Logger
  /** Returns the softphones, read at each check: the settings may have changed. */
  readonly softphones: () => Softphones
  /** Joins our uses of the microphone with those of other witnesses. */
  readonly evidence: MicrophoneEvidence
  readonly tuning: WindowsTuning
  /** Opens the registry. Rejects on a system that is not Windows. */
  readonly openRegistry: () => Promise<ConsentRegistry>
  /** Resolves with the images of running processes in lower case. Rejects where Windows does not list them. */
  readonly runningImages: () => Promise<ReadonlySet<string>>
  /** Returns how long Windows runs. */
  readonly uptimeMs: () => number
}

interface ConsentWatch {
  readonly needs: ConsentStoreNeeds
  readonly report: CallSourceReport
  readonly state: SourceState
  unwatch: () => Promise<void>
  cancelCheck: () => void
  /** Number of the newest check: the result of an older one that is slower must not overwrite it. */
  checks: number
}

/**
 * Reports start and end of talk with every 3CX edition: the softphone uses the microphone, as Windows itself records it.
 * Windows reports each change; only whether a softphone that uses the microphone still runs is polled. The evidence is kept
 * over a new start, so that the end of a call that ended meanwhile is reported. States: stopped, starting (left when the
 * registry is open), watching, failed (left by the next start).
 */
export function createConsentStoreSource(needs: ConsentStoreNeeds): CallSource {
  let current: CallSourceState = { at: 'stopped' }
  return {
    name: 'consent-store',
    state: () => current,
    start(report: CallSourceReport) {
      const state = createSourceState({
        name: 'consent-store',
        log: needs.log,
        report,
        read: () => current,
        store: (next) => void (current = next),
      })
      const watch: ConsentWatch = {
        needs,
        report,
        state,
        unwatch: async () => undefined,
        cancelCheck: () => undefined,
        checks: 0,
      }
      state.set({ at: 'starting' })
      const opened = needs
        .openRegistry()
        .then((registry) => {
          if (state.isOver()) return
          watch.unwatch = registry.watch(() => void check(watch, registry).catch(state.fail), state.fail)
        })
        .catch(state.fail)
      return async () => {
        const closed = state.stop()
        watch.cancelCheck()
        await opened
        await watch.unwatch()
        closed()
      }
    },
  }
}

async function check(watch: ConsentWatch, registry: ConsentRegistry): Promise<void> {
  const { needs, report, state } = watch
  const { clock, log, tuning } = needs
  const number = (watch.checks += 1)
  watch.cancelCheck()
  const running = await needs.runningImages().catch((error: unknown) => {
    log.warn({ source: 'consent-store', cause: causeOf(error) }, 'call-source.processes-unknown')
    return undefined
  })
  if (state.isOver() || number !== watch.checks) return
  const bootMs = clock.nowMs() - needs.uptimeMs() - tuning.bootToleranceMs
  const uses = microphoneUses(registry.read(), { softphones: needs.softphones(), bootMs, running })
  const facts = needs.evidence.update('consent-store', uses)
  state.watching(uses.length > 0 ? 'a softphone uses the microphone' : 'no softphone uses the microphone')
  for (const fact of facts) report.fact(fact)
  if (uses.some(({ image }) => image !== undefined))
    watch.cancelCheck = clock.after(tuning.aliveEveryMs, () => void check(watch, registry).catch(state.fail))
}
