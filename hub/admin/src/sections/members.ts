import { z } from 'zod'
import { clientsAnswer, type Client } from '../../../src/http/admin/messages.ts'
import { askFirst } from '../draw/dialog.ts'
import { button, h, type Child } from '../draw/element.ts'
import { badge } from '../draw/notice.ts'
import { createRedraw } from '../draw/redraw.ts'
import { table } from '../draw/table.ts'
import { createFailureArea } from '../draw/failure.ts'
import type { Page } from '../shell/page.ts'
import { heading } from './heading.ts'

/** Returns the members section: enrolled clients, their connections, and the revocation of one. */
export function members(page: Page): HTMLElement {
  const { api, texts, clock } = page
  const { t } = texts
  const failure = h('div')
  const showFailure = createFailureArea(texts, failure)
  const list = h('div', { class: 'stack' })
  const redraw = createRedraw(list)
  let all: readonly Client[] = []
  const search = h('input', {
    id: 'member-search',
    class: 'input',
    type: 'search',
    autocomplete: 'off',
    on: { input: () => draw() },
  })
  const role = h(
    'select',
    { id: 'member-role', class: 'select', on: { change: () => draw() } },
    h('option', { value: '' }, t('members.all')),
    ...(['agent', 'worker', 'wallboard'] as const).map((one) =>
      h('option', { value: one }, t(`role.${one}`)),
    ),
  )
  const draw = () => {
    const rows = all.filter(
      (member) => (role.value === '' || member.role === role.value) && matches(member, search.value),
    )
    // Relative times change on their own, once a minute at most.
    const seen = { rows, minute: Math.floor(clock.nowMs() / 60_000) }
    redraw(seen, () => [
      rows.length === 0
        ? h('p', { class: 'soft' }, t(all.length === 0 ? 'members.none' : 'members.noMatch'))
        : table(t('nav.members'), columns, rows),
      rows.length > 0 && h('p', { class: 'soft' }, texts.plural('members.count', rows.length)),
    ])
  }
  const load = async () => {
    const answer = await api.get('/api/admin/clients', clientsAnswer)
    if (page.signal.aborted) return
    showFailure(answer.ok ? null : answer.refusal)
    if (!answer.ok) return
    all = [...answer.value].sort(
      (a, b) => Number(b.connected) - Number(a.connected) || a.name.localeCompare(b.name),
    )
    draw()
  }
  const revoke = async (member: Client) => {
    const sure = await askFirst({
      title: t('members.revoke.title', { name: member.name }),
      text: t(`members.revoke.${member.role}`),
      yes: t('revoke'),
      no: t('cancel'),
    })
    if (!sure) return
    const answer = await api.send(
      'DELETE',
      `/api/admin/clients/${encodeURIComponent(member.id)}`,
      z.unknown(),
    )
    showFailure(answer.ok ? null : answer.refusal)
    if (!answer.ok) return
    page.say(t('members.revoked', { name: member.name }))
    await load()
    page.toTop()
  }
  const columns = [
    {
      label: t('members.state'),
      cell: (member: Client) =>
        member.connected ? badge('ok', t('members.here')) : badge('none', t('members.away')),
    },
    { label: t('members.name'), cell: nameOf },
    { label: t('members.role'), cell: (member: Client) => t(`kind.${member.role}`) },
    { label: t('members.extension'), cell: (member: Client) => member.extension ?? '–' },
    { label: t('members.machine'), cell: (member: Client) => member.machine },
    {
      label: t('members.seen'),
      cell: (member: Client) =>
        h(
          'span',
          { title: texts.moment(member.lastSeenMs) },
          member.connected ? t('members.now') : texts.relative(member.lastSeenMs, clock.nowMs()),
        ),
    },
    {
      label: t('revoke'),
      isAction: true,
      cell: (member: Client) =>
        button(t('revoke'), () => revoke(member), {
          class: 'button button--small',
          id: `revoke-${member.id}`,
          'aria-label': t('members.revoke.which', { name: member.name }),
        }),
    },
  ]
  page.watch(load)
  return h(
    'div',
    {},
    heading(t('nav.members'), t('members.lead')),
    h(
      'div',
      { class: 'stack' },
      h(
        'div',
        { class: 'form-row' },
        h('div', { class: 'field' }, h('label', { for: 'member-search' }, t('members.search')), search),
        h('div', { class: 'field' }, h('label', { for: 'member-role' }, t('members.role')), role),
      ),
      failure,
      h('div', { class: 'card card--table' }, list),
    ),
  )
}

function nameOf({ name, email }: Client): Child {
  return h(
    'span',
    { class: 'two-lines' },
    h('strong', {}, name),
    email !== null && h('span', { class: 'soft' }, email),
  )
}

function matches({ name, email, extension, machine }: Client, wanted: string): boolean {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean)
  const text = [name, email, extension, machine].join(' ').toLowerCase()
  return words.every((word) => text.includes(word))
}
