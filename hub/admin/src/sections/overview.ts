import { overviewAnswer, type Overview } from '../../../src/http/admin/messages.ts'
import { h, type Child } from '../draw/element.ts'
import { icon } from '../draw/icons.ts'
import { notice } from '../draw/notice.ts'
import { createRedraw } from '../draw/redraw.ts'
import { failureNotice } from '../draw/failure.ts'
import type { Page } from '../shell/page.ts'
import { adminLink } from './adminLink.ts'
import { attention, firstSteps, type Attention } from './attention.ts'
import { card, heading } from './heading.ts'

/** Returns the overview section: the state of the hub, its problems, and their remedies. */
export function overview(page: Page): HTMLElement {
  const { api, texts } = page
  const content = h('div', { class: 'stack' })
  const upTime = h('dd')
  const redraw = createRedraw(content)
  page.watch(async () => {
    const answer = await api.get('/api/admin/overview', overviewAnswer)
    if (page.signal.aborted) return
    if (!answer.ok) return redraw(answer.refusal, () => [failureNotice(texts, answer.refusal)])
    upTime.textContent = texts.lasting(answer.value.upMs)
    redraw(coarse(answer.value), () => draw(page, answer.value, upTime))
  })
  return h(
    'div',
    {},
    heading(texts.t('nav.overview'), texts.t('overview.lead')),
    h('div', { class: 'stack' }, content, adminLink(page)),
  )
}

/** Returns the facts that justify a redraw: not each second of run time, nor each megabyte. */
function coarse(overview: Overview): unknown {
  const { disk, parts } = overview
  const rough = (bytes: number) => Math.round(bytes / 5e7)
  return {
    ...overview,
    upMs: 0,
    disk: { ...disk, freeBytes: rough(disk.freeBytes), recordingBytes: rough(disk.recordingBytes) },
    parts: parts.map(({ name, state, remedy }) => ({ name, state, remedy })),
  }
}

function draw(page: Page, overview: Overview, upTime: HTMLElement): readonly Child[] {
  const { texts } = page
  const { t } = texts
  const todo = firstSteps(texts, overview)
  const isNew = todo.some(({ done }) => !done)
  const open = attention(texts, overview).filter(
    ({ part }) => !isNew || !todo.some((step) => step.part === part),
  )
  const failed = overview.parts.some(({ state }) => state === 'failed')
  return [
    overview.restartPending.length > 0 && restartNotice(page, overview.restartPending),
    isNew && drawFirstSteps(page, todo),
    open.length === 0
      ? !isNew && notice('ok', h('strong', {}, t('overview.well')))
      : h(
          'section',
          { class: `card card--${failed ? 'bad' : 'warn'}` },
          h('h2', {}, texts.plural('overview.attention', open.length)),
          h('ul', { class: 'causes' }, ...open.map((one) => drawCause(one))),
        ),
    figures(page, overview),
    card(
      t('overview.hub'),
      h(
        'dl',
        { class: 'facts' },
        ...fact(t('overview.name'), overview.hubName),
        ...fact(t('overview.version'), overview.version),
        h('dt', {}, t('overview.up')),
        upTime,
        ...fact(overview.helpdesk.name, t(`helpdesk.state.${overview.helpdesk.state}`)),
        ...fact(
          t('overview.recordings'),
          `${texts.count(overview.disk.recordings)} · ${texts.bytes(overview.disk.recordingBytes)}`,
        ),
        ...fact(t('overview.free'), texts.bytes(overview.disk.freeBytes)),
      ),
      h(
        'ul',
        { class: 'parts' },
        ...overview.parts.map(({ name, state }) =>
          h(
            'li',
            { class: `part part--${state}` },
            icon(state === 'ok' ? 'ok' : state === 'degraded' ? 'warn' : 'bad'),
            t('pair', { label: texts.maybe(`part.${name}`) ?? name, value: t(`health.${state}`) }),
          ),
        ),
      ),
    ),
  ]
}

const fact = (label: string, value: string) => [h('dt', {}, label), h('dd', {}, value)]

function figures({ texts }: Page, overview: Overview): HTMLElement {
  const { t, count } = texts
  const of = (here: number, all: number) => t('overview.of', { here: count(here), all: count(all) })
  const one = (label: string, value: string, detail: string, href: string, tone = '') =>
    h(
      'a',
      { class: `figure ${tone}`, href, id: `figure-${href}-${label}` },
      h('span', { class: 'figure__label' }, label),
      h('span', { class: 'figure__value' }, value),
      h('span', { class: 'figure__detail' }, detail),
    )
  const { connected, clients, slots, writes } = overview
  return h(
    'div',
    { class: 'figures' },
    one(t('figure.calls'), count(overview.callsNow), t('figure.calls.detail'), '#clients'),
    one(t('figure.agents'), count(connected.agent), of(connected.agent, clients.agent), '#clients'),
    one(
      t('figure.workers'),
      count(connected.worker),
      t('figure.workers.detail', {
        taken: count(slots.taken),
        total: count(slots.total),
        waiting: count(slots.waiting),
      }),
      '#clients',
    ),
    one(
      t('figure.wallboards'),
      count(connected.wallboard),
      of(connected.wallboard, clients.wallboard),
      '#clients',
    ),
    one(t('figure.drafts'), count(overview.draftsWaiting), t('figure.drafts.detail'), '#outbox'),
    one(
      t('figure.writes'),
      count(writes.waiting),
      texts.plural('figure.writes.blocked', writes.blocked),
      '#outbox',
      writes.blocked > 0 ? 'figure--warn' : '',
    ),
  )
}

function restartNotice({ texts }: Page, keys: readonly string[]): HTMLElement {
  const names = keys.map((key) => texts.setting(key)?.label ?? key).join(', ')
  return notice(
    'warn',
    h('strong', {}, texts.t('restart.title')),
    h('p', {}, texts.t('restart.text', { names })),
  )
}

function drawFirstSteps({ texts }: Page, todo: ReturnType<typeof firstSteps>): HTMLElement {
  return card(
    texts.t('first.title'),
    h('p', { class: 'soft' }, texts.t('first.lead')),
    h(
      'ol',
      { class: 'todo' },
      ...todo.map(({ part, title, text, href, done }) =>
        h(
          'li',
          { class: done ? 'todo__step todo__step--done' : 'todo__step' },
          icon(done ? 'ok' : 'todo'),
          h(
            'div',
            {},
            done
              ? h('strong', {}, title, h('span', { class: 'unseen' }, ` (${texts.t('first.done')})`))
              : h('a', { href, id: `first-${part}` }, title),
            h('p', { class: 'soft' }, text),
          ),
        ),
      ),
    ),
  )
}

function drawCause({ part, state, title, text, remedy, href, link }: Attention): HTMLElement {
  return h(
    'li',
    { class: 'cause' },
    icon(state === 'failed' ? 'bad' : 'warn'),
    h(
      'div',
      {},
      h('strong', {}, title),
      h('p', {}, text),
      remedy !== '' && h('p', { class: 'cause__remedy' }, remedy),
      href !== undefined && h('a', { href, id: `cause-${part}` }, link),
    ),
  )
}
