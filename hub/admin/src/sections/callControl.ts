import {
  callControlAnswer,
  callControlTestAnswer,
  type CallControlView,
} from '../../../src/http/admin/threecxMessages.ts'
import { button, h, put, type Child } from '../draw/element.ts'
import { icon } from '../draw/icons.ts'
import { notice } from '../draw/notice.ts'
import { createRedraw } from '../draw/redraw.ts'
import { failureNotice } from '../draw/failure.ts'
import type { Page } from '../shell/page.ts'
import { card, steps } from './heading.ts'

/** Returns the cards of live calls: the connection to the PBX, the steps in 3CX, and a test with real requests. */
export function callControl(page: Page): HTMLElement {
  const { api, texts } = page
  const { t } = texts
  const state = h('div', { class: 'stack' })
  const how = h(
    'details',
    {},
    h('summary', {}, t('live.how')),
    steps(t('live.how.1'), t('live.how.2'), t('live.how.3'), t('live.how.4'), t('live.how.5')),
  )
  const redraw = createRedraw(state)
  let isFirst = true
  page.watch(async () => {
    const answer = await api.get('/api/admin/3cx/call-control', callControlAnswer)
    if (page.signal.aborted) return
    if (!answer.ok) return redraw(answer.refusal, () => [failureNotice(texts, answer.refusal)])
    if (isFirst) how.open = ['off', 'half'].includes(answer.value.at)
    isFirst = false
    // Relative times change on their own, so the view is redrawn each minute.
    const minute = Math.floor(page.clock.nowMs() / 60_000)
    redraw({ ...answer.value, minute }, () => draw(page, answer.value))
  })
  return card(t('live.title'), h('p', { class: 'soft' }, t('live.text')), state, how, test(page))
}

function draw(page: Page, view: CallControlView): readonly Child[] {
  const { texts } = page
  const { t } = texts
  return [
    stateNotice(page, view),
    view.restartPending && view.at !== 'saved' && notice('info', t('live.restart')),
    view.isTokenShared &&
      notice('warn', h('strong', {}, t('live.token-shared')), h('p', {}, t('live.token-shared.text'))),
    view.at === 'open' &&
      h(
        'dl',
        { class: 'facts' },
        ...fact(t('live.extensions'), texts.count(view.extensions.length)),
        ...fact(t('live.legs'), texts.count(view.legs)),
        ...fact(
          t('live.last'),
          view.lastFactMs === null ? t('live.last.none') : texts.moment(view.lastFactMs),
        ),
      ),
    view.unseen.length > 0 &&
      notice('warn', h('strong', {}, texts.plural('live.unseen', view.unseen.length)), h('p', {}, view.unseen.join(', ')), h('p', {}, t('live.unseen.text'))), // prettier-ignore
  ]
}

function stateNotice({ texts, clock }: Page, view: CallControlView): HTMLElement {
  const { t } = texts
  const { at, pbxError: failure, url } = view
  const values = {
    url: url ?? '',
    since: view.sinceMs === null ? '' : texts.moment(view.sinceMs),
    again: view.untilMs === null ? '' : texts.relative(view.untilMs, clock.nowMs()),
    missing: view.missing.map((key) => texts.setting(key)?.label ?? key).join(', '),
  }
  if (at === 'open' && view.extensions.length === 0)
    return notice('warn', h('strong', {}, t('live.blind')), h('p', {}, t('live.blind.text')))
  const tone = at === 'open' ? 'ok' : ['half', 'waiting'].includes(at) ? 'warn' : 'info'
  return notice(
    tone,
    h('strong', {}, t(`live.at.${at}`)),
    failure !== null && h('p', {}, texts.maybe(`live.cause.${failure.code}`) ?? failure.cause),
    failure !== null && h('p', {}, texts.maybe(`live.remedy.${failure.code}`) ?? failure.remedy),
    h('p', {}, t(`live.at.${at}.text`, values)),
  )
}

const fact = (label: string, value: string) => [h('dt', {}, label), h('dd', {}, value)]

function test(page: Page): HTMLElement {
  const { api, texts } = page
  const { t } = texts
  const result = h('div', { 'aria-live': 'polite' })
  const ask = async () => {
    put(result, h('p', { class: 'soft' }, t('live.test.running')))
    const answer = await api.send('POST', '/api/admin/3cx/call-control/test', callControlTestAnswer)
    if (!answer.ok) return put(result, answer.refusal.error === 'not-configured' ? notice('info', t('live.test.first')) : failureNotice(texts, answer.refusal)) // prettier-ignore
    put(
      result,
      h(
        'ul',
        { class: 'parts parts--column' },
        ...answer.value.steps.map(({ what, ok, code, detail, names = [] }) =>
          h(
            'li',
            { class: `part part--${ok ? 'ok' : 'failed'}` },
            icon(ok ? 'ok' : 'bad'),
            t('pair', {
              label: texts.maybe(`live.test.${what}`) ?? what,
              value: ok ? t('live.test.ok') : whyNot(page, what, code, detail, names),
            }),
          ),
        ),
      ),
    )
  }
  return h(
    'div',
    { class: 'stack' },
    h('p', { class: 'soft' }, t('live.test.text')),
    h(
      'div',
      { class: 'actions' },
      button(t('live.test.run'), ask, { id: 'live-test' }),
      h('a', { class: 'button', href: '#settings/threecx.callControl.url' }, t('live.settings')),
    ),
    result,
  )
}

/** Returns the reason in the page's words where it has some, and in the hub's own otherwise. */
function whyNot(
  { texts }: Page,
  what: string,
  code: string | undefined,
  detail: string,
  names: readonly string[],
): string {
  if (names.length > 0) return `${texts.t('live.test.unseen')} ${names.join(', ')}`
  if (what === 'extensions') return texts.t('live.blind.text')
  const cause = texts.maybe(`live.cause.${code ?? ''}`)
  const remedy = texts.maybe(`live.remedy.${code ?? ''}`)
  return cause && remedy ? `${cause} ${remedy} (${detail})` : detail
}
