import { z } from 'zod'
import {
  keyAnswer,
  keysAnswer,
  type EnrollmentKey,
  type ClientRole,
} from '../../../src/http/admin/messages.ts'
import { askFirst } from '../draw/dialog.ts'
import { button, h, put, type Child } from '../draw/element.ts'
import { badge } from '../draw/notice.ts'
import { createRedraw } from '../draw/redraw.ts'
import { table } from '../draw/table.ts'
import { failureNotice } from '../draw/failure.ts'
import type { Page } from '../shell/page.ts'
import type { Texts } from '../texts/texts.ts'
import { card, heading } from './heading.ts'
import { madeKey } from './madeKey.ts'
import { wallboardLink } from './wallboardLink.ts'

const ROLES = ['agent', 'worker', 'wallboard', 'any'] as const
const DAYS = [1, 7, 30, 365] as const

interface KeysState {
  readonly page: Page
  /** Shows the key issued last, once. */
  readonly made: HTMLElement
  readonly redraw: (seen: unknown, draw: () => readonly Child[]) => void
}

/** Issues enrollment keys for agents, workers and wallboards, shows each once, lists and revokes them. */
export function keys(page: Page): HTMLElement {
  const { t } = page.texts
  const made = h('div', { class: 'stack' })
  const list = h('div', { class: 'stack' })
  const state: KeysState = { page, made, redraw: createRedraw(list) }
  const reload = () => load(state)
  page.watch(reload)
  return h(
    'div',
    {},
    heading(t('nav.keys'), t('keys.lead')),
    h(
      'div',
      { class: 'stack' },
      card(t('keys.new'), keyForm(page, made, reload)),
      made,
      card(t('keys.wallboard'), h('p', { class: 'soft' }, t('keys.wallboard.text')), wallboardLink(page)),
      card(t('keys.list'), list),
    ),
  )
}

async function load(state: KeysState): Promise<void> {
  const { api, texts, clock, signal } = state.page
  const { t } = texts
  const answer = await api.get('/api/admin/enrollment-keys', keysAnswer)
  if (signal.aborted) return
  if (!answer.ok) return state.redraw(answer.refusal, () => [failureNotice(texts, answer.refusal)])
  const nowMs = clock.nowMs()
  const rows = [...answer.value].reverse()
  const dead = rows.filter(({ expiresAtMs, usesLeft }) => usesLeft === 0 || (expiresAtMs ?? nowMs) < nowMs)
  const alive = rows.filter((key) => !dead.includes(key))
  state.redraw({ alive, dead, minute: Math.floor(nowMs / 60_000) }, () => [
    alive.length === 0
      ? h('p', { class: 'soft' }, t('keys.none'))
      : table(t('keys.list'), columnsOf(state, nowMs), alive),
    dead.length > 0 &&
      h(
        'details',
        { class: 'more' },
        h('summary', {}, texts.plural('keys.dead', dead.length)),
        table(texts.plural('keys.dead', dead.length), columnsOf(state, nowMs), dead),
      ),
  ])
}

async function revoke(state: KeysState, key: EnrollmentKey): Promise<void> {
  const { page, made } = state
  const { t } = page.texts
  const confirmed = await askFirst({
    title: t('keys.revoke.title'),
    text: t('keys.revoke.text'),
    yes: t('revoke'),
    no: t('cancel'),
  })
  if (!confirmed) return
  const path = `/api/admin/enrollment-keys/${encodeURIComponent(key.secretHash)}`
  const answer = await page.api.send('DELETE', path, z.unknown())
  if (!answer.ok) return put(made, failureNotice(page.texts, answer.refusal))
  page.say(t('keys.revoked'))
  await load(state)
  page.toTop()
}

function columnsOf(state: KeysState, nowMs: number) {
  const { texts } = state.page
  const { t } = texts
  return [
    { label: t('keys.for'), cell: ({ role }: EnrollmentKey) => t(`kind.${role ?? 'any'}`) },
    { label: t('keys.made'), cell: ({ createdAtMs }: EnrollmentKey) => texts.moment(createdAtMs) },
    { label: t('keys.until'), cell: ({ expiresAtMs }: EnrollmentKey) => untilOf(texts, expiresAtMs, nowMs) },
    { label: t('keys.left'), cell: ({ usesLeft }: EnrollmentKey) => leftOf(texts, usesLeft) },
    {
      label: t('revoke'),
      isAction: true,
      cell: (key: EnrollmentKey) =>
        button(t('revoke'), () => revoke(state, key), {
          class: 'button button--small',
          id: `revoke-${key.secretHash}`,
          'aria-label': t('keys.revoke.which', {
            role: t(`role.${key.role ?? 'any'}`),
            made: texts.moment(key.createdAtMs),
          }),
        }),
    },
  ]
}

function untilOf(texts: Texts, expiresAtMs: number | null, nowMs: number): Child {
  if (expiresAtMs === null) return texts.t('keys.noEnd')
  return expiresAtMs < nowMs ? badge('warn', texts.t('keys.expired')) : texts.relative(expiresAtMs, nowMs)
}

function leftOf(texts: Texts, usesLeft: number | null): Child {
  if (usesLeft === null) return texts.t('keys.unlimited')
  return usesLeft === 0 ? badge('none', texts.t('keys.usedUp')) : texts.count(usesLeft)
}

function keyForm(page: Page, made: HTMLElement, load: () => Promise<void>): HTMLElement {
  const { api, texts } = page
  const { t } = texts
  const role = h(
    'select',
    { id: 'key-role', class: 'select' },
    ...ROLES.map((one) => h('option', { value: one }, t(`role.${one}`))),
  )
  const days = h(
    'select',
    { id: 'key-days', class: 'select' },
    ...DAYS.map((n) => h('option', { value: String(n), selected: n === 7 }, texts.plural('days', n))),
    h('option', { value: '' }, t('keys.noEnd')),
  )
  const uses = h('input', {
    id: 'key-uses',
    class: 'input input--short',
    inputmode: 'numeric',
    autocomplete: 'off',
    placeholder: t('keys.unlimited'),
    'aria-describedby': 'key-uses-help key-uses-fault',
  })
  const fault = h('p', { id: 'key-uses-fault', class: 'fault' })
  const make = async () => {
    const count = uses.value.trim()
    const isWrong = count !== '' && !(/^\d+$/.test(count) && Number(count) >= 1 && Number(count) <= 10_000)
    fault.textContent = isWrong ? t('keys.uses.wrong') : ''
    uses.setAttribute('aria-invalid', String(isWrong))
    if (isWrong) return uses.focus()
    const wanted = role.value === 'any' ? null : (role.value as ClientRole) // one of our own options
    const answer = await api.send('POST', '/api/admin/enrollment-keys', keyAnswer, {
      role: wanted,
      ...(days.value === '' ? {} : { days: Number(days.value) }),
      ...(count === '' ? {} : { uses: Number(count) }),
    })
    if (!answer.ok) return put(made, failureNotice(texts, answer.refusal))
    put(made, madeKey(page, { ...answer.value, role: wanted }))
    made.querySelector<HTMLElement>('h2')?.focus()
    await load()
  }
  const submit = h('button', { type: 'submit', class: 'button button--primary' }, t('keys.make'))
  return h(
    'form',
    {
      class: 'form-row',
      novalidate: true,
      on: {
        submit: (event) => {
          event.preventDefault()
          submit.disabled = true
          void make().finally(() => (submit.disabled = false))
        },
      },
    },
    h('div', { class: 'field' }, h('label', { for: 'key-role' }, t('keys.for')), role),
    h('div', { class: 'field' }, h('label', { for: 'key-days' }, t('keys.days')), days),
    h(
      'div',
      { class: 'field' },
      h('label', { for: 'key-uses' }, t('keys.uses')),
      uses,
      h('p', { id: 'key-uses-help', class: 'help' }, t('keys.uses.help')),
      fault,
    ),
    h('div', { class: 'field field--button' }, submit),
  )
}
