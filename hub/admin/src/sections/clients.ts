import { z } from 'zod'
import { clientsAnswer, linkAnswer, type Client, type Refusal } from '../../../src/http/admin/messages.ts'
import { copyField } from '../draw/copyField.ts'
import { askFirst } from '../draw/dialog.ts'
import { button, h, put, type Child } from '../draw/element.ts'
import { badge, notice } from '../draw/notice.ts'
import { createRedraw } from '../draw/redraw.ts'
import { table } from '../draw/table.ts'
import { createFailureArea } from '../draw/failure.ts'
import type { Page } from '../shell/page.ts'
import { recordingsByAgent } from './agentRecordings.ts'
import { heading } from './heading.ts'

const ROLES = ['agent', 'worker', 'wallboard'] as const

interface ClientsState {
  readonly page: Page
  readonly search: HTMLInputElement
  readonly role: HTMLSelectElement
  readonly redraw: (seen: unknown, draw: () => readonly Child[]) => void
  readonly showFailure: (refusal: Refusal | null) => void
  /** Shows the link by which a screen moves, above the list. */
  readonly made: HTMLElement
  all: readonly Client[]
}

/** Lists the enrolled clients and their links, with a search and a button that revokes one of them. */
export function clients(page: Page): HTMLElement {
  const { t } = page.texts
  const failure = h('div')
  const list = h('div', { class: 'stack' })
  const state: ClientsState = {
    page,
    search: h('input', {
      id: 'client-search',
      class: 'input',
      type: 'search',
      autocomplete: 'off',
      on: { input: () => draw(state) },
    }),
    role: h(
      'select',
      { id: 'client-role', class: 'select', on: { change: () => draw(state) } },
      h('option', { value: '' }, t('clients.all')),
      ...ROLES.map((one) => h('option', { value: one }, t(`role.${one}`))),
    ),
    redraw: createRedraw(list),
    showFailure: createFailureArea(page.texts, failure),
    made: h('div', { class: 'stack' }),
    all: [],
  }
  page.watch(() => load(state))
  const field = (id: string, label: string, control: HTMLElement) =>
    h('div', { class: 'field' }, h('label', { for: id }, label), control)
  return h(
    'div',
    {},
    heading(t('nav.clients'), t('clients.lead')),
    h(
      'div',
      { class: 'stack' },
      h(
        'div',
        { class: 'form-row' },
        field('client-search', t('clients.search'), state.search),
        field('client-role', t('clients.role'), state.role),
      ),
      failure,
      state.made,
      h('div', { class: 'card card--table' }, list),
      recordingsByAgent(page),
    ),
  )
}

function draw(state: ClientsState): void {
  const { page, search, role, all } = state
  const { texts, clock } = page
  const { t } = texts
  const rows = all.filter(
    (client) => (role.value === '' || client.role === role.value) && matches(client, search.value),
  )
  // Relative times change on their own, once a minute at most.
  const seen = { rows, minute: Math.floor(clock.nowMs() / 60_000) }
  state.redraw(seen, () => [
    rows.length === 0
      ? h('p', { class: 'soft' }, t(all.length === 0 ? 'clients.none' : 'clients.noMatch'))
      : table(t('nav.clients'), columnsOf(state), rows),
    rows.length > 0 && h('p', { class: 'soft' }, texts.plural('clients.count', rows.length)),
  ])
}

async function load(state: ClientsState): Promise<void> {
  const { api, signal } = state.page
  const answer = await api.get('/api/admin/clients', clientsAnswer)
  if (signal.aborted) return
  state.showFailure(answer.ok ? null : answer.refusal)
  if (!answer.ok) return
  state.all = [...answer.value].sort(
    (a, b) => Number(b.connected) - Number(a.connected) || a.name.localeCompare(b.name),
  )
  draw(state)
}

async function revoke(state: ClientsState, client: Client): Promise<void> {
  const { page } = state
  const { t } = page.texts
  const confirmed = await askFirst({
    title: t('clients.revoke.title', { name: client.name }),
    text: t(`clients.revoke.${client.role}`),
    yes: t('revoke'),
    no: t('cancel'),
  })
  if (!confirmed) return
  const path = `/api/admin/clients/${encodeURIComponent(client.id)}`
  const answer = await page.api.send('DELETE', path, z.unknown())
  state.showFailure(answer.ok ? null : answer.refusal)
  if (!answer.ok) return
  page.say(t('clients.revoked', { name: client.name }))
  await load(state)
  page.toTop()
}

/** Makes a link for another screen: the present one goes on until the other has opened it. */
async function move(state: ClientsState, { id, name }: Client): Promise<void> {
  const { page, made } = state
  const { t } = page.texts
  const answer = await page.api.send('POST', '/api/admin/wallboard-links', linkAnswer, { id })
  state.showFailure(answer.ok ? null : answer.refusal)
  if (!answer.ok) return
  const { link } = answer.value
  put(made, notice('warn', t('clients.move.once')), copyField(page, t('keys.wallboard.link', { name }), link))
  page.say(t('clients.move.once'))
  page.toTop()
}

function actionsOf(state: ClientsState, client: Client): Child {
  const { t } = state.page.texts
  const revoking = button(t('revoke'), () => revoke(state, client), {
    class: 'button button--small',
    id: `revoke-${client.id}`,
    'aria-label': t('clients.revoke.which', { name: client.name }),
  })
  if (client.role !== 'wallboard') return revoking
  const moving = button(t('clients.move'), () => move(state, client), {
    class: 'button button--small',
    id: `move-${client.id}`,
    'aria-label': t('clients.move.which', { name: client.name }),
  })
  return h('div', { class: 'actions' }, moving, revoking)
}

function columnsOf(state: ClientsState) {
  const { texts, clock } = state.page
  const { t } = texts
  return [
    {
      label: t('clients.state'),
      cell: ({ connected }: Client) =>
        connected ? badge('ok', t('clients.here')) : badge('none', t('clients.away')),
    },
    { label: t('clients.name'), cell: nameOf },
    { label: t('clients.role'), cell: ({ role }: Client) => t(`kind.${role}`) },
    { label: t('clients.extension'), cell: ({ extension }: Client) => extension ?? '–' },
    { label: t('clients.machine'), cell: machineOf },
    {
      label: t('clients.seen'),
      cell: ({ connected, lastSeenMs }: Client) =>
        h(
          'span',
          { title: texts.moment(lastSeenMs) },
          connected ? t('clients.now') : texts.relative(lastSeenMs, clock.nowMs()),
        ),
    },
    {
      label: t('revoke'),
      isAction: true,
      cell: (client: Client) => actionsOf(state, client),
    },
  ]
}

/** A screen has no name of a machine, only the address from which it comes. */
function machineOf({ role, machine, address }: Client): Child {
  return role === 'wallboard' ? (address ?? machine) : machine
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
