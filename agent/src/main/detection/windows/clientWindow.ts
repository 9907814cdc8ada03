import { causeOf, type Logger } from '../../process/log.ts'
import type { Clock } from '@3cx-ninja/protocol'
import type { CallFact } from '../../call/callState.ts'
import type { CallSource, CallSourceReport, CallSourceState } from '../callSource.ts'
import { isSoftphoneImage, type Softphones } from './softphones.ts'
import { titleHint } from './titles.ts'
import type { WindowsTuning } from './tuning.ts'

export interface RunningProgram {
  readonly pid: number
  /** File name in lower case. */
  readonly image: string
}

/** Programs and windows of this desktop; `native/desktop.ts` is the real one. */
export interface Desktop {
  programs(): readonly RunningProgram[]
  /** Titles of the visible windows of these processes, in no order; at most 64. */
  titles(pids: ReadonlySet<number>): readonly string[]
}

export interface ClientWindowNeeds {
  readonly clock: Clock
  readonly log: Logger
  /** Asked at each look, as `titles`: the settings may have changed. */
  readonly softphones: () => Softphones
  readonly tuning: WindowsTuning
  readonly titles: () => readonly RegExp[]
  readonly openDesktop: () => Promise<Desktop>
}

/**
 * Who calls, guessed from the titles of the 3CX client's windows. A hint is told once for each change; it gives a call its
 * number and name where nobody better does, and never makes or ends one.
 */
export function createClientWindowSource(needs: ClientWindowNeeds): CallSource {
  const { clock, log, tuning } = needs
  let state: CallSourceState = { at: 'stopped' }

  return {
    name: 'client-window',
    state: () => state,
    start(report: CallSourceReport) {
      let stopped = false
      let cancel: () => void = () => undefined
      let last = ''

      const become = (next: CallSourceState) => {
        state = next
        report.changed()
      }
      const fail = (error: unknown) => {
        if (stopped) return
        stopped = true
        const cause = causeOf(error)
        become({ at: 'failed', cause })
        log.warn({ source: 'client-window', cause }, 'call-source.failed')
        report.failed(error instanceof Error ? error : new Error(cause))
      }
      const look = (desktop: Desktop) => {
        if (stopped) return
        const softphones = needs.softphones()
        const clients = desktop.programs().filter(({ image }) => isSoftphoneImage(image, softphones))
        const detail = clients.length > 0 ? 'the 3CX client runs' : 'no 3CX client runs'
        if (state.at !== 'watching' || state.detail !== detail) become({ at: 'watching', detail })
        const titles = clients.length > 0 ? desktop.titles(new Set(clients.map(({ pid }) => pid))) : []
        const patterns = needs.titles()
        const hint = titles.map((title) => titleHint(title, patterns)).find((found) => found !== undefined)
        const told = JSON.stringify(hint ?? '')
        if (hint && told !== last) {
          const fact: CallFact = { source: 'client-window', state: 'hint', ...hint }
          report.fact(fact)
        }
        last = told
        cancel = clock.after(clients.length > 0 ? tuning.titlesEveryMs : tuning.noClientEveryMs, () =>
          tryLook(desktop),
        )
      }
      const tryLook = (desktop: Desktop) => {
        try {
          look(desktop)
        } catch (error) {
          fail(error)
        }
      }

      become({ at: 'starting' })
      const opened = needs.openDesktop().then(tryLook).catch(fail)
      return async () => {
        const wasFailed = state.at === 'failed'
        stopped = true
        await opened
        cancel()
        if (!wasFailed) state = { at: 'stopped' }
      }
    },
  }
}
