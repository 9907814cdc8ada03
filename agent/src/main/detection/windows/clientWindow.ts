import type { Logger } from '../../process/log.ts'
import type { Clock } from '@3cx-ninja/protocol'
import type { CallSource, CallSourceReport, CallSourceState } from '../callSource.ts'
import { createSourceState, type SourceState } from '../sourceState.ts'
import { isSoftphoneImage, type Softphones } from './softphones.ts'
import { titleHint } from './titles.ts'
import type { WindowsTuning } from './tuning.ts'

/** One running process of this Windows session, as the process list names it. */
export interface RunningProgram {
  readonly pid: number
  /** File name in lower case. */
  readonly image: string
}

/** Programs and windows of this desktop; `native/desktop.ts` is the real one. */
export interface Desktop {
  /** Returns all running processes. Throws where Windows does not list them. */
  programs(): readonly RunningProgram[]
  /** Returns the titles of the visible windows of these processes, in no order; at most 64. */
  titles(pids: ReadonlySet<number>): readonly string[]
}

/** The clock, the softphones and the window list of the client-window source. */
export interface ClientWindowNeeds {
  readonly clock: Clock
  readonly log: Logger
  /** Returns the softphones, read at each poll like `titles`: the settings may have changed. */
  readonly softphones: () => Softphones
  readonly tuning: WindowsTuning
  readonly titles: () => readonly RegExp[]
  readonly openDesktop: () => Promise<Desktop>
}

interface WindowPolling {
  readonly needs: ClientWindowNeeds
  readonly report: CallSourceReport
  readonly state: SourceState
  /** The last hint, so that each change is reported once. */
  lastHint: string
  cancelPoll: () => void
}

/**
 * Guesses the caller from the titles of the 3CX client's windows, polled once a second. A hint is reported once for each
 * change; it gives a call its number and name where no better source does, and never begins or ends a call. States: stopped,
 * starting (left when the desktop is open), watching, failed (left by the next start).
 */
export function createClientWindowSource(needs: ClientWindowNeeds): CallSource {
  let current: CallSourceState = { at: 'stopped' }
  return {
    name: 'client-window',
    state: () => current,
    start(report: CallSourceReport) {
      const state = createSourceState({
        name: 'client-window',
        log: needs.log,
        report,
        read: () => current,
        store: (next) => void (current = next),
      })
      const polling: WindowPolling = { needs, report, state, lastHint: '', cancelPoll: () => undefined }
      state.set({ at: 'starting' })
      const opened = needs
        .openDesktop()
        .then((desktop) => poll(polling, desktop))
        .catch(state.fail)
      return async () => {
        const closed = state.stop()
        await opened
        polling.cancelPoll()
        closed()
      }
    },
  }
}

function poll(polling: WindowPolling, desktop: Desktop): void {
  const { state, needs } = polling
  if (state.isOver()) return
  try {
    const isRunning = readTitles(polling, desktop)
    const { titlesEveryMs, noClientEveryMs } = needs.tuning
    polling.cancelPoll = needs.clock.after(isRunning ? titlesEveryMs : noClientEveryMs, () =>
      poll(polling, desktop),
    )
  } catch (error) {
    state.fail(error)
  }
}

/** Reports a new hint of the client's titles and returns whether a client runs. */
function readTitles(polling: WindowPolling, desktop: Desktop): boolean {
  const { needs, report, state } = polling
  const softphones = needs.softphones()
  const clients = desktop.programs().filter(({ image }) => isSoftphoneImage(image, softphones))
  const isRunning = clients.length > 0
  state.watching(isRunning ? 'the 3CX client runs' : 'no 3CX client runs')
  const titles = isRunning ? desktop.titles(new Set(clients.map(({ pid }) => pid))) : []
  const patterns = needs.titles()
  const hint = titles.map((title) => titleHint(title, patterns)).find((found) => found !== undefined)
  const next = JSON.stringify(hint ?? '')
  if (hint && next !== polling.lastHint) report.fact({ source: 'client-window', state: 'hint', ...hint })
  polling.lastHint = next
  return isRunning
}
