import { ninjaAnswer, ninjaTestAnswer, type NinjaAnswer } from '../../../src/http/admin/messages.ts'
import { copyField } from '../draw/copyField.ts'
import { button, h, put, type Child } from '../draw/element.ts'
import { icon } from '../draw/icons.ts'
import { notice } from '../draw/notice.ts'
import { troubleNotice } from '../draw/trouble.ts'
import type { Page } from '../shell/page.ts'
import { card, heading, steps } from './heading.ts'

/** The sign-in to NinjaOne: how it stands, how to come by it, and a test that really asks. */
export function ninjaone(page: Page): HTMLElement {
  const { api, texts } = page
  const { t } = texts
  const content = h('div', { class: 'stack' })
  const load = async () => {
    const answer = await api.get('/api/admin/ninja', ninjaAnswer)
    if (page.signal.aborted) return
    put(content, ...(answer.ok ? draw(page, answer.value) : [troubleNotice(texts, answer.refusal)]))
  }
  void load()
  return h('div', {}, heading(t('nav.ninjaone'), t('ninja.lead')), content)
}

function draw(page: Page, told: NinjaAnswer): readonly Child[] {
  const { t } = page.texts
  const { state, host, redirectUri, lastFailure } = told
  const tone = state === 'signed-in' ? 'ok' : 'warn'
  const back = new URLSearchParams(location.search).get('ninja')
  return [
    back !== null && back !== 'signed-in' && outcome(page, back, lastFailure),
    card(
      t('ninja.state'),
      notice(
        tone,
        h('strong', {}, t(`ninja.state.${state}`)),
        h('p', {}, t(`ninja.state.${state}.text`, { host: host ?? '' })),
      ),
      h(
        'div',
        { class: 'actions' },
        state !== 'not-configured' &&
          h(
            'a',
            {
              class: state === 'signed-out' ? 'button button--primary' : 'button',
              href: '/api/admin/ninja/sign-in',
            },
            t(state === 'signed-out' ? 'ninja.signIn' : 'ninja.signInAgain'),
          ),
        h('a', { class: 'button', href: '#settings/ninjaone.host' }, t('ninja.settings')),
      ),
    ),
    state !== 'not-configured' && testCard(page),
    card(
      t('ninja.how'),
      h('p', { class: 'soft' }, t('ninja.how.text')),
      steps(
        t('ninja.how.1'),
        t('ninja.how.2'),
        h('div', {}, t('ninja.how.3'), copyField(page, t('ninja.redirect'), redirectUri)),
        t('ninja.how.4'),
        t('ninja.how.5'),
        t('ninja.how.6'),
      ),
      notice('info', t('ninja.how.why')),
    ),
  ]
}

function outcome(page: Page, back: string, lastFailure: string | null): HTMLElement {
  const { texts } = page
  return notice(
    'bad',
    h('strong', {}, texts.maybe(`ninja.back.${back}`) ?? texts.t('ninja.back.failed')),
    lastFailure !== null && h('p', { lang: 'en' }, lastFailure),
  )
}

function testCard(page: Page): HTMLElement {
  const { api, texts } = page
  const { t } = texts
  const result = h('div', { 'aria-live': 'polite' })
  const test = async () => {
    put(result, h('p', { class: 'soft' }, t('ninja.test.running')))
    const answer = await api.get('/api/admin/ninja/test', ninjaTestAnswer)
    if (!answer.ok) return put(result, troubleNotice(texts, answer.refusal))
    put(
      result,
      h(
        'ul',
        { class: 'parts parts--column' },
        ...answer.value.steps.map(({ what, ok, detail }) =>
          h(
            'li',
            { class: `part part--${ok ? 'ok' : 'failed'}` },
            icon(ok ? 'ok' : 'bad'),
            t('pair', {
              label: texts.maybe(`ninja.test.${what}`) ?? what,
              value: ok ? t('ninja.test.ok') : detail,
            }),
          ),
        ),
      ),
    )
  }
  return card(
    t('ninja.test'),
    h('p', { class: 'soft' }, t('ninja.test.text')),
    h('div', { class: 'actions' }, button(t('ninja.test.run'), test)),
    result,
  )
}
