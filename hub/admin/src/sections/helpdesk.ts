import { helpdeskAnswer, helpdeskTestAnswer, type HelpdeskAnswer } from '../../../src/http/admin/messages.ts'
import { button, h, put, type Child } from '../draw/element.ts'
import { icon } from '../draw/icons.ts'
import { notice } from '../draw/notice.ts'
import { failureNotice } from '../draw/failure.ts'
import { GUIDES } from '../helpdesks/guides.ts'
import type { Page } from '../shell/page.ts'
import { card, heading } from './heading.ts'

/** Returns the helpdesk section: its state, its sign-in, a test with real requests, and the guide of its kind. */
export function helpdesk(page: Page): HTMLElement {
  const { api, texts } = page
  const { t } = texts
  const content = h('div', { class: 'stack' })
  const load = async () => {
    const answer = await api.get('/api/admin/helpdesk', helpdeskAnswer)
    if (page.signal.aborted) return
    put(content, ...(answer.ok ? draw(page, answer.value) : [failureNotice(texts, answer.refusal)]))
  }
  void load()
  return h('div', {}, heading(t('nav.helpdesk'), t('helpdesk.lead')), content)
}

function draw(page: Page, answer: HelpdeskAnswer): readonly Child[] {
  const back = new URLSearchParams(location.search).get('helpdesk')
  return [
    back !== null && back !== 'signed-in' && outcome(page, back, answer),
    stateCard(page, answer),
    answer.state !== 'not-configured' && testCard(page, answer),
    GUIDES[answer.kind]?.(page, answer) ?? false,
  ]
}

function stateCard(page: Page, { kind, name, state, host, signIn }: HelpdeskAnswer): HTMLElement {
  const { t } = page.texts
  const signInLink = () =>
    h(
      'a',
      {
        class: state === 'signed-out' ? 'button button--primary' : 'button',
        href: '/api/admin/helpdesk/sign-in',
      },
      state === 'signed-out' ? t('helpdesk.signIn', { name }) : t('helpdesk.signInAgain'),
    )
  const settings = kind === 'none' ? 'helpdesk.kind' : `${kind}.host`
  return card(
    t('helpdesk.state'),
    notice(
      state === 'signed-in' ? 'ok' : 'warn',
      h('strong', {}, t(`helpdesk.state.${state}`)),
      h('p', {}, t(`helpdesk.state.${state}.text`, { host: host ?? '' })),
    ),
    h(
      'div',
      { class: 'actions' },
      signIn && signInLink(),
      h('a', { class: 'button', href: `#settings/${settings}` }, t('helpdesk.settings', { name })),
    ),
  )
}

function outcome(page: Page, back: string, { name, lastFailure }: HelpdeskAnswer): HTMLElement {
  const { texts } = page
  return notice(
    'bad',
    h(
      'strong',
      {},
      texts.maybe(`helpdesk.back.${back}`, { name }) ?? texts.t('helpdesk.back.failed', { name }),
    ),
    lastFailure !== null && h('p', { lang: 'en' }, lastFailure),
  )
}

function testCard(page: Page, { name }: HelpdeskAnswer): HTMLElement {
  const { api, texts } = page
  const { t } = texts
  const result = h('div', { 'aria-live': 'polite' })
  const test = async () => {
    put(result, h('p', { class: 'soft' }, t('helpdesk.test.running')))
    const answer = await api.get('/api/admin/helpdesk/test', helpdeskTestAnswer)
    if (!answer.ok) return put(result, failureNotice(texts, answer.refusal))
    put(
      result,
      h(
        'ul',
        { class: 'parts parts--column' },
        ...answer.value.steps.map(({ step, ok, detail }) =>
          h(
            'li',
            { class: `part part--${ok ? 'ok' : 'failed'}` },
            icon(ok ? 'ok' : 'bad'),
            t('pair', {
              label: texts.maybe(`helpdesk.test.${step}`) ?? step,
              value: ok ? t('helpdesk.test.ok') : detail,
            }),
          ),
        ),
      ),
    )
  }
  return card(
    t('helpdesk.test'),
    h('p', { class: 'soft' }, t('helpdesk.test.text', { name })),
    h('div', { class: 'actions' }, button(t('helpdesk.test.run'), test)),
    result,
  )
}
