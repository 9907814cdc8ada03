import type { Clock } from '@3cx-ninja/protocol'
import type { Pactl } from '../capture/sources/pulse/pactl.ts'
import type { PulseState } from '../capture/sources/pulse/pulseState.ts'
import { watchPulse } from '../capture/sources/pulse/pulseWatch.ts'
import { isTelephone } from '../capture/sources/pulse/telephone.ts'
import type { CallSource, CallSourceReport, CallSourceState } from './callSource.ts'

/** The sound server, the clock and the program names of the PulseAudio call source. */
export interface PulseCallSourceNeeds {
  readonly pactl: Pactl
  readonly clock: Clock
  /** Returns the names of the telephone's programs, see `isTelephone`; read at each change of the sound server. */
  readonly programs: () => readonly string[]
}

/**
 * Linux: a call is talked while the telephone records from a microphone, and has ended once it releases it. Works with every
 * client and edition of 3CX. A change is seen within 20 to 100 ms (measured with Chromium and PulseAudio 16).
 * Debounce and merging with other sources are the call machine's.
 */
export function createPulseCallSource(needs: PulseCallSourceNeeds): CallSource {
  /** Kept over failures: the next start corrects what was reported. */
  let isInUse = false
  let state: CallSourceState = { at: 'stopped' }

  const apply = (server: PulseState, report: CallSourceReport) => {
    const programs = needs.programs()
    const detail = `programs ${programs.join(', ')}`
    const isNews = state.at !== 'watching' || state.detail !== detail
    state = { at: 'watching', detail }
    if (isNews) report.changed()
    const now = isTalking(server, programs)
    if (now === isInUse) return
    isInUse = now
    report.fact({ source: 'microphone', state: now ? 'talking' : 'ended' })
  }

  return {
    name: 'pulse',
    state: () => state,
    start(report) {
      state = { at: 'starting' }
      const watch = watchPulse(needs, {
        state: (server) => apply(server, report),
        failed: (error) => report.failed(error),
      })
      return async () => {
        await watch.stop()
        state = { at: 'stopped' }
      }
    },
  }
}

/** Returns whether a program of the telephone records from a microphone that is not paused. */
export function isTalking(server: PulseState, programs: readonly string[]): boolean {
  return server.recordings.some((stream) => {
    if (stream.corked || stream.pid === undefined) return false // filters of the server itself have no program
    const source = server.sources.find(({ index }) => index === stream.device)
    return source?.isMonitor !== true && isTelephone(stream, programs)
  })
}
