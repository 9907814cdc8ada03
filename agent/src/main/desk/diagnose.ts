import { SECOND_MS } from '@3cx-ninja/protocol'
import type { DiagnosisCheck } from '../../ipc/channels.ts'
import { causeOf } from '../process/log.ts'
import type { DeskState } from './deskState.ts'
import type { DeskParts, HubHealth } from './ports.ts'

/** Times on calls and tickets are wrong by this much; tokens of other systems begin to fail at minutes. */
const CLOCK_WARN_MS = 5 * SECOND_MS
const CLOCK_BAD_MS = 120 * SECOND_MS

/** Checks every link of the chain from the telephone to the ticket. Never rejects: a link that does not answer is unknown. */
export async function diagnose(
  { agent, settings, platform }: DeskParts,
  state: DeskState,
): Promise<DiagnosisCheck[]> {
  const view = agent.view()
  const address = settings.value.hub
  const [asked, space, devices] = await Promise.all([
    address
      ? platform.hubHealth().then(
          (answer) => ({ answer }),
          (error: unknown) => ({ failed: causeOf(error).slice(0, 400) }),
        )
      : { failed: '' },
    agent.recordings.space().catch(() => undefined),
    platform.devices().catch(() => ({ at: 'unknown', source: platform.soundSource }) as const),
  ])
  const health = 'answer' in asked ? asked.answer : undefined
  return [
    hubCheck({ address, link: state.link, asked }),
    platform.isPinned()
      ? check('certificate', 'good', 'pinned')
      : check(
          'certificate',
          isLoopback(address) ? 'warning' : 'unknown',
          isLoopback(address) ? 'loopback' : 'none',
        ),
    platform.isEnrolled()
      ? check(
          'enrollment',
          state.link.at === 'refused' ? 'bad' : 'good',
          state.link.at === 'refused' ? 'refused' : 'done',
          {
            ...(state.hubName ? { hub: state.hubName } : {}),
          },
        )
      : check('enrollment', 'bad', 'missing'),
    clockCheck(state.link.hub?.aheadMs),
    view.rules
      ? check(
          'recording-rule',
          view.consentConfirmed ? 'good' : 'bad',
          view.consentConfirmed ? 'confirmed' : 'open',
          {
            basis: view.rules.consent.basis,
          },
        )
      : check('recording-rule', 'unknown', 'not-reported'),
    sourcesCheck(platform.callSources()),
    devices.at === 'known'
      ? check(
          'sound',
          devices.microphones.length > 0 ? 'good' : 'bad',
          devices.microphones.length > 0 ? 'found' : 'none',
          {
            count: devices.microphones.length,
          },
        )
      : check('sound', 'unknown', 'unnamed', { source: devices.source }),
    space === undefined
      ? check('disk', 'unknown', 'unknown')
      : check('disk', ({ enough: 'good', little: 'warning', none: 'bad' } as const)[space], space),
    waitingCheck(view.replicas.length, view.unconfirmed),
    partCheck('workers', health),
    partCheck('helpdesk', health),
  ]
}

type CheckName = DiagnosisCheck['check']

function check(
  name: CheckName,
  verdict: DiagnosisCheck['verdict'],
  finding: string,
  facts: DiagnosisCheck['facts'] = {},
): DiagnosisCheck {
  return { check: name, verdict, finding, facts }
}

function hubCheck(of: {
  readonly address: string | undefined
  readonly link: DeskState['link']
  readonly asked: { readonly answer: HubHealth } | { readonly failed: string }
}): DiagnosisCheck {
  const { address, link, asked } = of
  if (!address) return check('hub', 'bad', 'not-set')
  if ('answer' in asked) {
    const facts = { address, version: asked.answer.version }
    if (link.at === 'open') return check('hub', 'good', 'linked', facts)
    return check('hub', 'warning', 'no-link', {
      ...facts,
      ...(link.why ? { cause: link.why.slice(0, 400) } : {}),
    })
  }
  return check('hub', link.at === 'open' ? 'warning' : 'bad', link.at === 'open' ? 'no-answer' : 'away', {
    address,
    cause: asked.failed,
  })
}

function clockCheck(aheadMs: number | undefined): DiagnosisCheck {
  if (aheadMs === undefined) return check('clock', 'unknown', 'not-reported')
  const off = Math.abs(aheadMs)
  const seconds = Math.round(off / 100) / 10
  if (off >= CLOCK_BAD_MS) return check('clock', 'bad', 'far-off', { seconds })
  return off >= CLOCK_WARN_MS
    ? check('clock', 'warning', 'off', { seconds })
    : check('clock', 'good', 'right', { seconds })
}

function sourcesCheck(sources: ReturnType<DeskParts['platform']['callSources']>): DiagnosisCheck {
  const on = sources.filter(({ state }) => state === 'on').map(({ name }) => name)
  const inWords = (state: 'failed' | 'off') =>
    sources
      .filter((source) => source.state === state && (state === 'failed' || source.detail))
      .map(({ name, detail }) => (detail ? `${name} (${detail})` : name))
      .join(', ')
      .slice(0, 400)
  const failed = inWords('failed')
  const idle = inWords('off')
  const facts = { on: on.join(', '), ...(failed ? { failed } : {}), ...(idle ? { idle } : {}) }
  if (failed) return check('call-sources', on.length > 0 ? 'warning' : 'bad', 'failed', facts)
  return on.length > 0
    ? check('call-sources', 'good', idle ? 'some' : 'on', facts)
    : check('call-sources', 'warning', 'by-hand')
}

function waitingCheck(recordings: number, reports: number): DiagnosisCheck {
  if (recordings + reports === 0) return check('waiting', 'good', 'nothing')
  return check('waiting', 'warning', 'something', { recordings, reports })
}

function partCheck(name: 'workers' | 'helpdesk', health: HubHealth | undefined): DiagnosisCheck {
  const part = health?.parts.find((each) => each.name === name)
  if (!part) return check(name, 'unknown', 'not-reported')
  const facts = {
    ...(part.reason ? { reason: part.reason.slice(0, 400) } : {}),
    ...(part.remedy ? { remedy: part.remedy.slice(0, 400) } : {}),
  }
  return check(
    name,
    ({ ok: 'good', degraded: 'warning', failed: 'bad' } as const)[part.state],
    part.state,
    facts,
  )
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|\/|$)/.test(address)
}
