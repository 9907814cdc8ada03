import type { Clock } from '@3cx-ninja/protocol'
import type { HelperProgram } from '../../capture/sources/helperProcess.ts'
import type { Logger } from '../../process/log.ts'
import type { CallSource, CallSourceReport, CallSourceState } from '../callSource.ts'
import type { MicrophoneUse } from './consentEntries.ts'
import type { MicrophoneEvidence } from './microphoneEvidence.ts'
import { startSessionsHelper, type SessionsLine } from './sessionsHelper.ts'
import { isSoftphoneImage, isSoftphonePackage, type Softphones } from './softphones.ts'

/** The helper, the clock and the softphones of the audio-sessions witness. */
export interface AudioSessionsNeeds {
  readonly clock: Clock
  readonly log: Logger
  /** Returns the softphones, read at each line of the helper: the settings may have changed. */
  readonly softphones: () => Softphones
  readonly evidence: MicrophoneEvidence
  readonly program: HelperProgram
}

type Recording = Extract<SessionsLine, { kind: 'recording' }>

/**
 * The second witness of the microphone: the sessions of Windows' sound system, for PCs whose consent store records nothing
 * (before Windows 10 20H2, or with that record switched off). A query can block on the sound service, so a process of our
 * own makes it. Its reports are kept over a restart of that process; if the process does not come back, they are withdrawn,
 * since a call that no source can end any more would be recorded forever.
 */
export function createAudioSessionsSource(needs: AudioSessionsNeeds): CallSource {
  const { clock, log, evidence } = needs
  let state: CallSourceState = { at: 'stopped' }
  /** Since when each telephone records, by the helper's lines. */
  let since: ReadonlyMap<string, number> = new Map()

  return {
    name: 'audio-sessions',
    state: () => state,
    start(report: CallSourceReport) {
      let last: Recording | undefined

      const update = (uses: readonly MicrophoneUse[]) => {
        since = new Map(uses.map(({ app, sinceMs }) => [app, sinceMs]))
        for (const fact of evidence.update('audio-sessions', uses)) report.fact(fact)
      }
      const apply = (recording: Recording) => {
        const apps = telephonesOf(recording, needs.softphones())
        const detail = `${apps.length > 0 ? 'a' : 'no'} softphone records${recording.by === 'polling' ? ' (polled once a second: Windows reports no changes)' : ''}`
        if (state.at !== 'watching' || state.detail !== detail) {
          state = { at: 'watching', detail }
          report.changed()
        }
        update(apps.map((app) => ({ app, sinceMs: since.get(app) ?? clock.nowMs() })))
      }

      state = { at: 'starting' }
      report.changed()
      const helper = startSessionsHelper({
        program: needs.program,
        clock,
        onLine(line) {
          if (line.kind === 'error')
            return log.warn({ source: 'audio-sessions', code: line.code }, 'call-source.error')
          if (line.kind === 'recording') last = line
          if (last) apply(last)
        },
        onEnd(cause) {
          if (!last) update([])
          const words = `The helper that asks Windows who records does not work: ${cause}.`
          state = { at: 'failed', cause: words }
          log.warn({ source: 'audio-sessions', cause }, 'call-source.failed')
          report.failed(new Error(words))
        },
      })
      return async () => {
        await helper.stop()
        if (state.at !== 'failed') state = { at: 'stopped' }
      }
    },
  }
}

/** Returns the telephones, under the names of the consent store: a packaged program by its package. */
function telephonesOf({ programs }: Recording, softphones: Softphones): readonly string[] {
  const apps = programs.flatMap(({ image, family }) => {
    if (family && isSoftphonePackage(family, softphones)) return [family]
    return isSoftphoneImage(image, softphones) ? [family ?? image.toLowerCase()] : []
  })
  return [...new Set(apps)]
}
