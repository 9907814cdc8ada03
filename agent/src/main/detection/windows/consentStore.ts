import { causeOf, type Logger } from '../../process/log.ts'
import type { Clock } from '@3cx-ninja/protocol'
import type { CallSource, CallSourceReport, CallSourceState } from '../callSource.ts'
import { microphoneUses, type ConsentKey } from './consentEntries.ts'
import type { MicrophoneEvidence } from './microphoneEvidence.ts'
import type { Softphones } from './softphones.ts'
import type { WindowsTuning } from './tuning.ts'

/** Windows' record of who uses the microphone, as the source needs it; `native/consentRegistry.ts` is the real one. */
export interface ConsentRegistry {
  /** All keys of packaged and classic programs; empty where the store does not exist (yet). */
  read(): readonly ConsentKey[]
  /**
   * Calls `changed` once it watches and after each change from then on, also of a store that is deleted and made again.
   * `failed` at most once; then it watches no more. After the returned stop resolves nothing is called and nothing is open.
   */
  watch(changed: () => void, failed: (error: Error) => void): () => Promise<void>
}

export interface ConsentStoreNeeds {
  readonly clock: Clock
  readonly log: Logger
  /** Asked at each look: the settings may have changed. */
  readonly softphones: () => Softphones
  /** Joins what we see with what other witnesses of the microphone see. */
  readonly evidence: MicrophoneEvidence
  readonly tuning: WindowsTuning
  /** Opens the registry; fails where this is no Windows. */
  readonly openRegistry: () => Promise<ConsentRegistry>
  /** Images of running processes in lower case; throws where Windows does not tell. */
  readonly runningImages: () => Promise<ReadonlySet<string>>
  /** How long Windows runs. */
  readonly uptimeMs: () => number
}

/**
 * Start and end of talk on every 3CX edition: the softphone holds the microphone, as Windows itself records it. Windows tells
 * each change; nothing is polled but whether a softphone that holds the microphone still runs. What was told stays known over
 * a new start, so that a call that ended meanwhile is told as ended.
 */
export function createConsentStoreSource(needs: ConsentStoreNeeds): CallSource {
  const { clock, log, tuning } = needs
  let state: CallSourceState = { at: 'stopped' }

  return {
    name: 'consent-store',
    state: () => state,
    start(report: CallSourceReport) {
      let stopped = false
      let unwatch: () => Promise<void> = async () => undefined
      let cancelLook: () => void = () => undefined
      /** The newest look; an older one that is slower must not overwrite it. */
      let looks = 0

      const become = (next: CallSourceState) => {
        state = next
        report.changed()
      }
      const fail = (error: unknown) => {
        if (stopped) return
        stopped = true
        const cause = causeOf(error)
        become({ at: 'failed', cause })
        log.warn({ source: 'consent-store', cause }, 'call-source.failed')
        report.failed(error instanceof Error ? error : new Error(cause))
      }
      const look = async (registry: ConsentRegistry) => {
        const number = ++looks
        cancelLook()
        const running = await needs.runningImages().catch((error: unknown) => {
          log.warn({ source: 'consent-store', cause: causeOf(error) }, 'call-source.processes-unknown')
          return undefined
        })
        if (stopped || number !== looks) return
        const bootMs = clock.nowMs() - needs.uptimeMs() - tuning.bootToleranceMs
        const uses = microphoneUses(registry.read(), { softphones: needs.softphones(), bootMs, running })
        const facts = needs.evidence.update('consent-store', uses)
        const detail =
          uses.length > 0 ? 'a softphone uses the microphone' : 'no softphone uses the microphone'
        if (state.at !== 'watching' || state.detail !== detail) become({ at: 'watching', detail })
        for (const fact of facts) report.fact(fact)
        if (uses.some(({ image }) => image !== undefined))
          cancelLook = clock.after(tuning.aliveEveryMs, () => void look(registry).catch(fail))
      }

      become({ at: 'starting' })
      const opened = needs
        .openRegistry()
        .then((registry) => {
          if (stopped) return
          unwatch = registry.watch(() => void look(registry).catch(fail), fail)
        })
        .catch(fail)

      return async () => {
        const wasFailed = state.at === 'failed'
        stopped = true
        cancelLook()
        await opened
        await unwatch()
        if (!wasFailed) state = { at: 'stopped' }
      }
    },
  }
}
