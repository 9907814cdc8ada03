import { SECOND_MS } from '@3cx-ninja/protocol'
import type { Standing } from '../link/standing.ts'
import type { Texts } from '../texts/texts.ts'

export interface StandingView {
  readonly tone: 'live' | 'joining' | 'cut'
  readonly title: string
  readonly detail: string
  readonly retry: string
  /** The labels of the enrollment form; null when an enrollment key would not help. */
  readonly enroll: { readonly label: string; readonly send: string } | null
}

export interface Moment {
  readonly monotonicMs: number
  /** The hub's current time. */
  readonly hubMs: number
}

/** Returns the state of the link as text for the room. */
export function viewStanding(standing: Standing, now: Moment, texts: Texts): StandingView {
  const { t } = texts
  switch (standing.at) {
    case 'live':
      return { tone: 'live', title: t('link.live'), detail: '', retry: '', enroll: null }
    case 'joining':
      return { tone: 'joining', title: t('link.joining'), detail: '', retry: '', enroll: null }
    case 'cut': {
      const awayMs = now.monotonicMs - standing.sinceMs
      const [title, detail] = standing.everReceived
        ? [
            t('link.cut', { time: texts.time(now.hubMs - awayMs) }),
            t('link.cut.detail', { duration: texts.glance(awayMs) }),
          ]
        : [t('link.never'), t('link.never.detail')]
      return { tone: 'cut', title, detail, retry: retryText(standing.nextTryMs, now, texts), enroll: null }
    }
    case 'refused': {
      const outdated = standing.reason === 'protocolTooOld'
      return {
        tone: 'cut',
        title: t(outdated ? 'link.outdated' : 'link.refused'),
        detail: t(outdated ? 'link.outdated.detail' : 'link.refused.detail'),
        retry: retryText(standing.nextTryMs, now, texts),
        enroll: outdated ? null : { label: t('enroll.label'), send: t('enroll.send') },
      }
    }
  }
}

function retryText(nextTryMs: number | undefined, { monotonicMs }: Moment, { t }: Texts): string {
  if (nextTryMs === undefined) return t('link.trying')
  return t('link.retry', { seconds: Math.max(1, Math.ceil((nextTryMs - monotonicMs) / SECOND_MS)) })
}
