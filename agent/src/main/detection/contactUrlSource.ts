import type { Clock } from '@3cx-ninja/protocol'
import type { CallSource, CallSourceReport } from './callSource.ts'
import { parseContactUrl, type ContactLink } from './contactUrl.ts'
import { detectionTuning, type DetectionTuning } from './tuning.ts'

export type LinkOutcome = 'told' | 'too-many' | 'not-running' | Extract<ContactLink, { ok: false }>['reason']

export interface ContactUrlSource extends CallSource {
  /** A link that the system has handed to us. The outcome is for the log, without the link's text. */
  open(url: string): LinkOutcome
}

/** Links of the telephone client as facts; limited in number, since every web page can open one. */
export function createContactUrlSource({
  clock,
  tuning = detectionTuning,
}: {
  readonly clock: Clock
  readonly tuning?: DetectionTuning
}): ContactUrlSource {
  let report: CallSourceReport | undefined
  let taken: readonly number[] = []
  return {
    name: 'contact-url',
    state: () => (report ? { at: 'watching', detail: 'links 3cx-ninja://call' } : { at: 'stopped' }),
    start(to) {
      report = to
      to.changed()
      return () => {
        report = undefined
        return Promise.resolve()
      }
    },
    open(url) {
      if (!report) return 'not-running'
      const link = parseContactUrl(url)
      if (!link.ok) return link.reason
      const nowMs = clock.monotonicMs()
      taken = taken.filter((atMs) => nowMs - atMs < tuning.linkWindowMs)
      if (taken.length >= tuning.linksPerWindow) return 'too-many'
      taken = [...taken, nowMs]
      report.fact(link.fact)
      return 'told'
    },
  }
}
