import type { HealthState, Overview } from '../../../src/http/admin/messages.ts'
import type { Texts } from '../texts/texts.ts'

export interface Attention {
  readonly part: string
  readonly state: HealthState
  readonly title: string
  readonly text: string
  readonly remedy: string
  /** The place on this page that resolves it. */
  readonly href: string | undefined
  readonly link: string
}

/** Returns each problem in the page's words, or in the hub's own where the page has none. Pure. */
export function attention(texts: Texts, overview: Overview): readonly Attention[] {
  return overview.parts
    .filter(({ state }) => state !== 'ok')
    .map(({ name, state, reason = '', remedy = '' }) => {
      const cause = causeOf(name, state, overview)
      const values = {
        free: texts.bytes(overview.disk.freeBytes),
        waiting: texts.count(overview.slots.waiting),
        helpdesk: overview.helpdesk.name,
        blocked: texts.count(overview.writes.blocked),
        machines: overview.sharedTokens
          .map(({ name, locations }) => `${name}, ${locations.join(' / ')}`)
          .join(' ; '),
      }
      const href = HREFS[name]
      return {
        part: name,
        state,
        title: texts.maybe(`part.${name}`) ?? name,
        text: texts.maybe(`cause.${cause}`, values) ?? reason,
        remedy: texts.maybe(`remedy.${cause}`, values) ?? remedy,
        href,
        link: texts.maybe(`go.${name}`) ?? texts.t('go'),
      }
    })
}

const HREFS: Readonly<Record<string, string>> = {
  workers: '#keys',
  enrollments: '#keys',
  helpdesk: '#helpdesk',
  consent: '#settings/recording.consent.confirmed',
  disk: '#settings/retention.audioDays',
  threecx: '#threecx',
}

function causeOf(name: string, state: HealthState, { helpdesk, writes }: Overview): string {
  if (name !== 'helpdesk') return `${name}.${state}`
  if (helpdesk.state !== 'signed-in') return `helpdesk.${helpdesk.state}`
  return writes.blocked > 0 ? 'helpdesk.blocked' : `helpdesk.${state}`
}

export interface FirstStep {
  /** The part of the health report that the step resolves. */
  readonly part: string
  readonly title: string
  readonly text: string
  readonly href: string
  readonly done: boolean
}

/** Returns the steps from a new hub to its first ticket, in their order. Pure. */
export function firstSteps({ t }: Texts, overview: Overview): readonly FirstStep[] {
  const step = (
    part: 'consent' | 'helpdesk' | 'workers' | 'agents',
    href: string,
    done: boolean,
  ): FirstStep => ({
    part,
    title: t(`first.${part}`),
    text: t(`first.${part}.text`),
    href,
    done,
  })
  const isSaved = overview.restartPending.includes('recording.consent.confirmed')
  return [
    step('consent', '#settings/recording.consent.confirmed', overview.consentConfirmed || isSaved),
    step('helpdesk', '#helpdesk', overview.helpdesk.state === 'signed-in'),
    step('workers', '#keys', overview.clients.worker > 0),
    step('agents', '#keys', overview.clients.agent > 0),
  ]
}
