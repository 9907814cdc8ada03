import type { SettingView } from '../../../src/http/admin/messages.ts'
import { button, h, put } from '../draw/element.ts'
import { icon } from '../draw/icons.ts'
import { badge } from '../draw/notice.ts'
import type { Texts } from '../texts/texts.ts'
import { secretInput } from './secretInput.ts'
import { settingInput, type SettingInput } from './settingInput.ts'

export interface SettingRow {
  readonly key: string
  readonly element: HTMLElement
  /** What would be sent; undefined while it is as it was. */
  change(): { readonly value: unknown } | undefined
  undo(): void
  /** Says what is wrong at the field, or no longer. */
  fault(text: string | undefined): void
  focus(): void
}

/** One setting: its name, what it means, where its value comes from, and what edits it. */
export function settingField(field: SettingView, texts: Texts, onChange: () => void): SettingRow {
  const { t } = texts
  const { key } = field
  const id = `setting-${key.replaceAll('.', '-')}`
  const words = texts.setting(key)
  const isLocked = field.source === 'environment'
  const fault = h('p', { id: `${id}-fault`, class: 'fault' })
  let goesToDefault = false
  const onInput = () => {
    goesToDefault = false
    fault.textContent = ''
    input?.control.removeAttribute('aria-invalid')
    refresh()
    onChange()
  }
  const needs = { field, texts, id, describedBy: `${id}-help ${id}-fault`, onInput }
  const input: SettingInput | undefined = field.secret ? secretInput(needs) : settingInput(needs)
  if (!field.secret) input?.write(field.value)

  const isChanged = () => {
    if (input === undefined) return false
    return field.secret ? input.read() !== undefined : goesToDefault || !same(input.read(), field.value)
  }
  const marks = h('div', { class: 'marks' })
  const refresh = () =>
    put(
      marks,
      isLocked &&
        h(
          'span',
          { class: 'badge badge--none' },
          icon('lock'),
          t('setting.environment', { name: field.variable ?? '' }),
        ),
      isChanged() && badge('info', t('setting.changed')),
      !isChanged() && field.restartPending && badge('warn', t('setting.waits')),
      !isChanged() && field.source === 'file' && badge('none', t('setting.file')),
      !isLocked &&
        !field.secret &&
        field.shape.kind !== 'flag' &&
        field.source === 'file' &&
        !same(field.value, field.defaultValue) &&
        !goesToDefault &&
        button(t('setting.reset'), reset, {
          class: 'link',
          'aria-label': t('pair', { label: t('setting.reset'), value: words?.label ?? key }),
        }),
    )
  const reset = () => {
    input?.write(field.defaultValue)
    onInput()
    goesToDefault = true
    refresh()
    onChange()
    input?.control.focus()
  }
  refresh()
  return {
    key,
    element: h(
      'div',
      { class: `setting setting--${field.shape.kind}` },
      h(
        'div',
        { class: 'setting__head' },
        h('label', { for: id }, words?.label ?? key),
        h('code', { class: 'setting__key' }, key),
      ),
      input?.element ?? h('p', { class: 'soft' }, t('setting.inFile')),
      h(
        'p',
        { id: `${id}-help`, class: 'help' },
        [words?.help ?? field.description, allowed(field, texts)].filter(Boolean).join(' '),
      ),
      fault,
      marks,
    ),
    change: () => (isChanged() ? { value: goesToDefault ? null : input?.read() } : undefined),
    undo() {
      if (field.secret) input?.write(undefined)
      else input?.write(field.value)
      onInput()
    },
    fault(text) {
      fault.textContent = text ?? ''
      if (text === undefined) input?.control.removeAttribute('aria-invalid')
      else input?.control.setAttribute('aria-invalid', 'true')
    },
    focus: () => input?.control.focus(),
  }
}

/** What may stand there and what does by default, where words can tell. Pure. */
export function allowed({ shape, defaultValue, secret }: SettingView, { t, count, maybe }: Texts): string {
  if (secret) return ''
  const isPlain = ['string', 'number', 'boolean'].includes(typeof defaultValue)
  const usual = isPlain ? String(defaultValue) : ''
  const range =
    shape.kind === 'number' && shape.min !== null && shape.max !== null
      ? t('setting.range', { min: count(shape.min), max: count(shape.max) })
      : shape.kind === 'list'
        ? t('setting.lines')
        : ''
  const flag = shape.kind === 'flag' ? maybe(`setting.flag.${usual}`) : undefined
  const shown = flag ?? (shape.kind === 'choice' ? '' : usual)
  return [range, shown && t('setting.usual', { value: shown })].filter(Boolean).join(' ')
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
}
