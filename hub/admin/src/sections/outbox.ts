import { z } from 'zod'
import { outboxAnswer, type OutboxView } from '../../../src/http/admin/messages.ts'
import { button, h, put, type Child } from '../draw/element.ts'
import { badge, notice, type Tone } from '../draw/notice.ts'
import { createRedraw } from '../draw/redraw.ts'
import { table } from '../draw/table.ts'
import { createFailureArea } from '../draw/failure.ts'
import type { Page } from '../shell/page.ts'
import { card, heading } from './heading.ts'

type Write = OutboxView['writes'][number]
type Draft = OutboxView['drafts'][number]

const retried = z.object({ retried: z.int() })
const TONES: Readonly<Record<Write['at'], Tone | 'none'>> = {
  blocked: 'bad',
  settling: 'warn',
  checking: 'warn',
  sending: 'info',
  waiting: 'none',
}

/** Returns the outbox section: the writes that have not reached the helpdesk yet, each with its reason. */
export function outbox(page: Page): HTMLElement {
  const { api, texts } = page
  const { t } = texts
  const content = h('div', { class: 'stack' })
  const failure = h('div')
  const result = h('div')
  const showFailure = createFailureArea(texts, failure)
  const pages = { writes: 1, drafts: 1 }
  const redraw = createRedraw(content)
  const load = async (): Promise<void> => {
    const answer = await api.get(
      `/api/admin/outbox?writes=${pages.writes}&drafts=${pages.drafts}`,
      outboxAnswer,
    )
    if (page.signal.aborted) return
    showFailure(answer.ok ? null : answer.refusal)
    if (!answer.ok) return
    const { writes, drafts } = answer.value
    // The shown page was sent in the meantime: the remaining writes start on the first page.
    if ((writes.length === 0 && pages.writes > 1) || (drafts.length === 0 && pages.drafts > 1)) {
      if (writes.length === 0) pages.writes = 1
      if (drafts.length === 0) pages.drafts = 1
      return load()
    }
    redraw({ ...answer.value, ...pages, minute: Math.floor(page.clock.nowMs() / 60_000) }, () =>
      draw(page, answer.value, retry, pager),
    )
  }
  const pager = (list: keyof typeof pages, more: number): Child => {
    const go = (by: number) => {
      pages[list] += by
      return load()
    }
    if (more === 0 && pages[list] === 1) return false
    return h(
      'div',
      { class: 'actions' },
      pages[list] > 1 && button(t('outbox.before'), () => go(-1), { class: 'button', id: `${list}-before` }),
      more > 0 && button(t('outbox.after'), () => go(1), { class: 'button', id: `${list}-after` }),
      more > 0 && h('p', { class: 'soft' }, texts.plural('outbox.more', more)),
    )
  }
  const retry = async () => {
    const answer = await api.send('POST', '/api/admin/outbox/retry', retried)
    if (!answer.ok) return showFailure(answer.refusal)
    const done = texts.plural('outbox.retried', answer.value.retried)
    put(result, notice('info', done))
    page.say(done)
    await load()
  }
  page.watch(load)
  return h(
    'div',
    {},
    heading(t('nav.outbox'), t('outbox.lead')),
    h('div', { class: 'stack' }, failure, result, content),
  )
}

function draw(
  page: Page,
  view: OutboxView,
  retry: () => Promise<void>,
  pager: (list: 'writes' | 'drafts', more: number) => Child,
): readonly Child[] {
  const { t } = page.texts
  const { writes } = view
  const isBlocked = writes.some(({ at }) => at === 'blocked')
  return [
    view.unreadable > 0 && notice('warn', page.texts.plural('outbox.unreadable', view.unreadable)),
    card(
      t('outbox.writes'),
      writes.length === 0
        ? notice('ok', t('outbox.writes.none'))
        : table(t('outbox.writes'), writeColumns(page), writes),
      pager('writes', view.moreWrites),
      isBlocked &&
        h(
          'div',
          { class: 'actions' },
          button(t('outbox.retry'), retry, { class: 'button button--primary', id: 'outbox-retry' }),
          h('p', { class: 'soft' }, t('outbox.retry.text')),
        ),
    ),
    card(
      t('outbox.drafts'),
      view.drafts.length === 0
        ? h('p', { class: 'soft' }, t('outbox.drafts.none'))
        : table(t('outbox.drafts'), draftColumns(page), view.drafts),
      pager('drafts', view.moreDrafts),
    ),
  ]
}

function writeColumns({ texts, clock }: Page) {
  const { t } = texts
  return [
    { label: t('outbox.state'), cell: ({ at }: Write) => badge(TONES[at], t(`write.${at}`)) },
    {
      label: t('outbox.what'),
      cell: ({ kind, subject, callId }: Write) =>
        h(
          'span',
          { class: 'two-lines' },
          h('strong', {}, subject || t(`write.kind.${kind}`)),
          h('span', { class: 'soft' }, `${t(`write.kind.${kind}`)} · ${callId}`),
        ),
    },
    {
      label: t('outbox.why'),
      cell: ({ at, reason, detail, uncertainSinceMs }: Write) =>
        h(
          'span',
          { class: 'two-lines' },
          h('span', {}, reason === null ? t(`write.${at}.why`) : (texts.maybe(`block.${reason}`) ?? reason)),
          detail !== null && h('span', { class: 'soft', lang: 'en' }, detail),
          uncertainSinceMs !== null &&
            h('span', { class: 'soft' }, t('outbox.unconfirmed', { since: texts.moment(uncertainSinceMs) })),
        ),
    },
    {
      label: t('outbox.next'),
      cell: ({ dueAtMs, attempts }: Write) =>
        h(
          'span',
          { class: 'two-lines' },
          dueAtMs !== null && dueAtMs > clock.nowMs() ? texts.relative(dueAtMs, clock.nowMs()) : '–',
          attempts !== null &&
            attempts > 0 &&
            h('span', { class: 'soft' }, texts.plural('outbox.attempts', attempts)),
        ),
    },
  ]
}

function draftColumns({ texts, clock }: Page) {
  const { t } = texts
  return [
    {
      label: t('outbox.state'),
      cell: ({ at }: Draft) => badge(at === 'blocked' ? 'bad' : 'none', texts.maybe(`draft.${at}`) ?? at),
    },
    { label: t('outbox.title'), cell: ({ title }: Draft) => title || '–' },
    {
      label: t('outbox.technician'),
      cell: ({ agentName, extension }: Draft) =>
        agentName === null ? extension : `${agentName} (${extension})`,
    },
    { label: t('outbox.since'), cell: ({ sinceMs }: Draft) => texts.relative(sinceMs, clock.nowMs()) },
  ]
}
