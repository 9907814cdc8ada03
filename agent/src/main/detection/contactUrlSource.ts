import type { Clock } from '@3cx-ninja/protocol'
import type { CallSource, CallSourceReport } from './callSource.ts'
import { parseContactUrl, type ContactLink } from './contactUrl.ts'
import { detectionTuning, type DetectionTuning } from './tuning.ts'

/** Outcome of an opened link for the log; it never holds the link's text. */
export type LinkOutcome =
  'accepted' | 'too-many' | 'not-running' | Extract<ContactLink, { ok: false }>['reason']

/** The call source of contact links that the system opens with the agent. */
export interface ContactUrlSource extends CallSource {
  /** Reads a link that the system opened with us and reports its fact. Returns the outcome for the log, without the link's text. */
  open(url: string): LinkOutcome
}

/** Returns the source of the telephone client's links; their number is limited, since every web page can open one. */
export function createContactUrlSource({
  clock,
  tuning = detectionTuning,
}: {
  readonly clock: Clock
  readonly tuning?: DetectionTuning
}): ContactUrlSource {
  let report: CallSourceReport | undefined
  let openedAtMs: readonly number[] = []
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
      openedAtMs = openedAtMs.filter((atMs) => nowMs - atMs < tuning.linkWindowMs)
      if (openedAtMs.length >= tuning.linksPerWindow) return 'too-many'
      openedAtMs = [...openedAtMs, nowMs]
      report.fact(link.fact)
      return 'accepted'
    },
  }
}
