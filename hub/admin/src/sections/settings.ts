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

/** All settings of the hub as one form. The hub judges; what it refuses is said at the field. */
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

function settingsForm(page: Page, settings: SettingsAnswer, reload: () => Promise<void>) {
  const { api, texts } = page
  const { t } = texts
  const waiting = settings.fields.filter(({ restartPending }) => restartPending)
  const result = h('div')
  const bar = h('div', { class: 'savebar', hidden: true })
  const onChange = () => {
    const count = changes().size
    bar.hidden = count === 0
    summary.textContent = texts.plural('settings.changes', count)
  }
  const groups = settingGroups(settings.fields).map((group) => ({
    group,
    rows: group.fields.map((field) => settingField(field, texts, () => onChange())),
  }))
  const rows: readonly SettingRow[] = groups.flatMap((one) => one.rows)
  const changes = () => {
    const found = new Map<string, unknown>()
    for (const row of rows) {
      const change = row.change()
      if (change) found.set(row.key, change.value)
    }
    return found
  }
  page.keepUnless(() => changes().size === 0)

  const refuse = (refusal: Refusal) => {
    search.showAll()
    const faults = refusal.faults ?? []
    for (const row of rows) {
      const fault = faults.find(({ key }) => key === row.key)
      row.fault(
        fault &&
          faultText(
            texts,
            fault,
            settings.fields.find(({ key }) => key === row.key),
          ),
      )
    }
    const first = rows.find((row) => faults.some(({ key }) => key === row.key))
    const said =
      faults.length > 0 ? texts.plural('settings.refused', faults.length) : failureText(texts, refusal)
    const shown = notice('bad', said)
    shown.setAttribute('role', 'alert')
    put(result, shown)
    first?.focus()
  }
  const save = async () => {
    const changed = changes()
    if (changed.size === 0) return
    const answer = await api.send('PUT', '/api/admin/settings', z.unknown(), nest(changed))
    if (!answer.ok) return refuse(answer.refusal)
    const before = valuesBefore(settings.fields, changed)
    page.say(
      t('settings.saved'),
      before && {
        label: t('settings.undoSaved'),
        act: async () => {
          const undone = await api.send('PUT', '/api/admin/settings', z.unknown(), nest(before))
          page.say(undone.ok ? t('settings.undone') : failureText(texts, undone.refusal))
          if (undone.ok && !page.signal.aborted) await reload()
        },
      },
    )
    await reload()
  }
  const summary = h('span', { class: 'savebar__text' })
  const submit = h('button', { type: 'submit', class: 'button button--primary' }, t('settings.save'))
  put(
    bar,
    result,
    h(
      'div',
      { class: 'savebar__line' },
      summary,
      button(t('settings.undo'), () => rows.forEach((row) => row.undo())),
      submit,
    ),
  )
  const drawn = groups.map(({ group, rows: inside }) => ({
    title: texts.maybe(`group.${group.name}`) ?? group.name,
    element: drawGroup(texts, group, inside),
    rows: inside.map(({ element, key }, at) => ({
      element,
      isSet: group.fields[at]?.source !== 'default',
      words: [key, texts.setting(key)?.label, texts.setting(key)?.help].join(' '),
    })),
  }))
  const search = settingSearch(texts, drawn)
  slashLeadsTo(search, page.signal)
  const form = h(
    'form',
    {
      class: 'stack',
      novalidate: true,
      on: {
        submit: (event) => {
          event.preventDefault()
          submit.disabled = true
          void save().finally(() => (submit.disabled = false))
        },
      },
    },
    ...drawn.map(({ element }) => element),
    bar,
  )
  const children: readonly Child[] = [
    waiting.length > 0 &&
      notice(
        'warn',
        h('strong', {}, t('restart.title')),
        h(
          'p',
          {},
          t('restart.text', { names: waiting.map(({ key }) => texts.setting(key)?.label ?? key).join(', ') }),
        ),
      ),
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
    h('div', { class: 'finder' }, search.element, settingJump(t('settings.jump'), drawn, page.signal)),
    form,
  ]
  return { children, focus: (key: string) => rows.find((row) => row.key === key)?.focus() }
}

/** '/' as in most places with a search, but not where somebody writes. */
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

/** What undoes a save; undefined where a secret was among it, because this page never knew it. Pure. */
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

/** What is wrong in this page's words, where it knows the case; the hub's otherwise. Pure. */
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
