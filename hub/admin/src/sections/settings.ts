import { z } from 'zod'
import {
  settingsAnswer,
  type Refusal,
  type SettingView,
  type SettingsAnswer,
} from '../../../src/http/admin/messages.ts'
import { button, h, put, type Child } from '../draw/element.ts'
import { notice } from '../draw/notice.ts'
import { failureNotice, failureText } from '../draw/failure.ts'
import type { Page } from '../shell/page.ts'
import type { Texts } from '../texts/texts.ts'
import { heading } from './heading.ts'
import { settingField, type SettingRow } from './settingField.ts'
import { nest, settingGroups, type SettingGroup } from './settingGroups.ts'
import { settingJump } from './settingJump.ts'
import { settingSearch } from './settingSearch.ts'

/** Shows all settings of the hub as one form. The hub validates; a refusal is shown at its field. */
export function settings(page: Page, at: string | undefined): HTMLElement {
  const { api, texts } = page
  const content = h('div', { class: 'stack' })
  const load = async (focus: string | undefined) => {
    const answer = await api.get('/api/admin/settings', settingsAnswer)
    if (page.signal.aborted) return
    if (!answer.ok) return put(content, failureNotice(texts, answer.refusal))
    const form = settingsForm(page, answer.value, () => load(undefined))
    put(content, ...form.children)
    if (focus !== undefined) form.focus(focus)
  }
  void load(at)
  return h('div', {}, heading(texts.t('nav.settings'), texts.t('settings.lead')), content)
}

interface FormState {
  readonly page: Page
  readonly settings: SettingsAnswer
  readonly reload: () => Promise<void>
  readonly rows: readonly SettingRow[]
  readonly result: HTMLElement
  readonly bar: HTMLElement
  readonly summary: HTMLElement
}

function settingsForm(page: Page, settings: SettingsAnswer, reload: () => Promise<void>) {
  const { texts } = page
  const groups = settingGroups(settings.fields).map((group) => ({
    group,
    rows: group.fields.map((field) => settingField(field, texts, () => showCount(state))),
  }))
  const state: FormState = {
    page,
    settings,
    reload,
    rows: groups.flatMap(({ rows }) => rows),
    result: h('div'),
    bar: h('div', { class: 'savebar', hidden: true }),
    summary: h('span', { class: 'savebar__text' }),
  }
  page.keepUnless(() => changesOf(state).size === 0)
  const drawn = groups.map(({ group, rows }) => ({
    title: texts.maybe(`group.${group.name}`) ?? group.name,
    element: drawGroup(texts, group, rows),
    rows: rows.map(({ element, key }, at) => ({
      element,
      isSet: group.fields[at]?.source !== 'default',
      words: [key, texts.setting(key)?.label, texts.setting(key)?.help].join(' '),
    })),
  }))
  const search = settingSearch(texts, drawn)
  slashLeadsTo(search, page.signal)
  const children: readonly Child[] = [
    ...noticesOf(texts, settings),
    h('div', { class: 'finder' }, search.element, settingJump(texts.t('settings.jump'), drawn, page.signal)),
    drawForm(
      state,
      drawn.map(({ element }) => element),
      () => search.showAll(),
    ),
  ]
  return { children, focus: (key: string) => state.rows.find((row) => row.key === key)?.focus() }
}

function changesOf({ rows }: FormState): ReadonlyMap<string, unknown> {
  return new Map(
    rows.flatMap((row) => {
      const change = row.change()
      return change ? [[row.key, change.value] as const] : []
    }),
  )
}

function showCount(state: FormState): void {
  const count = changesOf(state).size
  state.bar.hidden = count === 0
  state.summary.textContent = state.page.texts.plural('settings.changes', count)
}

function drawForm(state: FormState, groups: readonly HTMLElement[], showAll: () => void): HTMLElement {
  const { t } = state.page.texts
  const submit = h('button', { type: 'submit', class: 'button button--primary' }, t('settings.save'))
  const undo = button(t('settings.undo'), () => state.rows.forEach((row) => row.undo()))
  put(state.bar, state.result, h('div', { class: 'savebar__line' }, state.summary, undo, submit))
  const onSubmit = (event: Event) => {
    event.preventDefault()
    submit.disabled = true
    void save(state, showAll).finally(() => (submit.disabled = false))
  }
  return h('form', { class: 'stack', novalidate: true, on: { submit: onSubmit } }, ...groups, state.bar)
}

/** Shows each fault at its field, also at one that the search hides, and focuses the first of them. */
function showRefusal({ page, settings, rows, result }: FormState, refusal: Refusal): void {
  const { texts } = page
  const faults = refusal.faults ?? []
  for (const row of rows) {
    const fault = faults.find(({ key }) => key === row.key)
    const field = settings.fields.find(({ key }) => key === row.key)
    row.fault(fault && faultText(texts, fault, field))
  }
  const message =
    faults.length > 0 ? texts.plural('settings.refused', faults.length) : failureText(texts, refusal)
  const shown = notice('bad', message)
  shown.setAttribute('role', 'alert')
  put(result, shown)
  rows.find((row) => faults.some(({ key }) => key === row.key))?.focus()
}

async function save(state: FormState, showAll: () => void): Promise<void> {
  const { page, settings, reload } = state
  const { api, texts } = page
  const { t } = texts
  const changed = changesOf(state)
  if (changed.size === 0) return
  const answer = await api.send('PUT', '/api/admin/settings', z.unknown(), nest(changed))
  if (!answer.ok) {
    showAll()
    return showRefusal(state, answer.refusal)
  }
  const previous = valuesBefore(settings.fields, changed)
  page.say(
    t('settings.saved'),
    previous && {
      label: t('settings.undoSaved'),
      act: async () => {
        const undone = await api.send('PUT', '/api/admin/settings', z.unknown(), nest(previous))
        page.say(undone.ok ? t('settings.undone') : failureText(texts, undone.refusal))
        if (undone.ok && !page.signal.aborted) await reload()
      },
    },
  )
  await reload()
}

/** Returns the notices above the form: settings that wait for a restart, unknown keys, variables without effect. */
function noticesOf(texts: Texts, settings: SettingsAnswer): readonly Child[] {
  const { t } = texts
  const waiting = settings.fields.filter(({ restartPending }) => restartPending)
  const names = waiting.map(({ key }) => texts.setting(key)?.label ?? key).join(', ')
  return [
    waiting.length > 0 &&
      notice('warn', h('strong', {}, t('restart.title')), h('p', {}, t('restart.text', { names }))),
    settings.unknownKeys.length > 0 &&
      notice('warn', t('settings.unknown', { keys: settings.unknownKeys.join(', ') })),
    settings.withoutEffect.length > 0 &&
      notice(
        'info',
        t('settings.withoutEffect'),
        h(
          'ul',
          {},
          ...settings.withoutEffect.map(({ name, why }) =>
            h('li', {}, h('code', {}, name), ` : `, h('span', { lang: 'en' }, why)),
          ),
        ),
      ),
  ]
}

/** Focuses the search on '/', as most pages with a search do, except while the focus is in an input. */
function slashLeadsTo(search: { focus(): void }, signal: AbortSignal): void {
  const onKey = (event: KeyboardEvent) => {
    const { target } = event
    if (event.key !== '/' || event.ctrlKey || event.altKey || event.metaKey) return
    if (target instanceof Element && target.closest('input, textarea, select, dialog')) return
    event.preventDefault()
    search.focus()
  }
  document.addEventListener('keydown', onKey, { signal })
}

/** Returns the changes that undo a save, or undefined for a save with a secret, which this page never receives. Pure. */
export function valuesBefore(
  fields: readonly SettingView[],
  changed: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, unknown> | undefined {
  const before = fields.filter(({ key }) => changed.has(key))
  if (before.some(({ secret }) => secret)) return undefined
  return new Map(before.map(({ key, source, value }) => [key, source === 'file' ? value : null]))
}

function drawGroup(texts: Texts, { name }: SettingGroup, rows: readonly SettingRow[]): HTMLElement {
  const { maybe } = texts
  const isConsent = name === 'recording.consent'
  const lead = maybe(`group.${name}.lead`)
  return h(
    'fieldset',
    { class: isConsent ? 'card group group--consent' : 'card group' },
    h('legend', {}, h('h2', { tabindex: '-1' }, maybe(`group.${name}`) ?? name)),
    lead !== undefined && (isConsent ? notice('info', lead) : h('p', { class: 'soft' }, lead)),
    h('div', { class: 'settings' }, ...rows.map(({ element }) => element)),
  )
}

/** Returns the fault in the page's words where it has some, and in the hub's own otherwise. Pure. */
export function faultText(
  { t, maybe, count }: Texts,
  { code, message }: { readonly code: string; readonly message: string },
  field: SettingView | undefined,
): string {
  const shape = field?.shape
  if (shape?.kind === 'number' && /^(too_|invalid_type)/.test(code))
    return shape.min === null || shape.max === null
      ? t('fault.number')
      : t('fault.range', { min: count(shape.min), max: count(shape.max) })
  return maybe(`fault.${code}`, { detail: message }) ?? t('fault.value', { detail: message })
}
