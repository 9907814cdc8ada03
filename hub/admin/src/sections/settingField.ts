import type { SettingView } from '../../../src/http/admin/messages.ts'
import { button, h, put } from '../draw/element.ts'
import { icon } from '../draw/icons.ts'
import { badge } from '../draw/notice.ts'
import type { Texts } from '../texts/texts.ts'
import { secretInput } from './secretInput.ts'
import { settingInput, type SettingInput } from './settingInput.ts'

/** One setting's row on the page. */
export interface SettingRow {
  readonly key: string
  readonly element: HTMLElement
  /** Returns the value to send; undefined while the setting is unchanged. */
  change(): { readonly value: unknown } | undefined
  /** Restores the value that the hub sent. */
  undo(): void
  /** Shows the fault at the field, or removes it. */
  fault(text: string | undefined): void
  focus(): void
}

interface FieldState {
  readonly field: SettingView
  readonly texts: Texts
  readonly input: SettingInput | undefined
  readonly fault: HTMLElement
  readonly marks: HTMLElement
  readonly onChange: () => void
  goesToDefault: boolean
}

/** Returns the row of one setting: its name, its meaning, the source of its value, and its input. */
export function settingField(field: SettingView, texts: Texts, onChange: () => void): SettingRow {
  const id = `setting-${field.key.replaceAll('.', '-')}`
  const needs = { field, texts, id, describedBy: `${id}-help ${id}-fault`, onInput: () => edited(state) }
  const input: SettingInput | undefined = field.secret ? secretInput(needs) : settingInput(needs)
  const state: FieldState = {
    field,
    texts,
    input,
    fault: h('p', { id: `${id}-fault`, class: 'fault' }),
    marks: h('div', { class: 'marks' }),
    onChange,
    goesToDefault: false,
  }
  if (!field.secret) input?.write(field.value)
  drawMarks(state)
  return {
    key: field.key,
    element: drawRow(state, id),
    change: () => (isChanged(state) ? { value: state.goesToDefault ? null : input?.read() } : undefined),
    undo() {
      if (field.secret) input?.write(undefined)
      else input?.write(field.value)
      edited(state)
    },
    fault(text) {
      state.fault.textContent = text ?? ''
      if (text === undefined) input?.control.removeAttribute('aria-invalid')
      else input?.control.setAttribute('aria-invalid', 'true')
    },
    focus: () => input?.control.focus(),
  }
}

function isChanged({ field, input, goesToDefault }: FieldState): boolean {
  if (input === undefined) return false
  return field.secret ? input.read() !== undefined : goesToDefault || !same(input.read(), field.value)
}

function edited(state: FieldState): void {
  state.goesToDefault = false
  state.fault.textContent = ''
  state.input?.control.removeAttribute('aria-invalid')
  drawMarks(state)
  state.onChange()
}

function resetToDefault(state: FieldState): void {
  state.input?.write(state.field.defaultValue)
  edited(state)
  state.goesToDefault = true
  drawMarks(state)
  state.onChange()
  state.input?.control.focus()
}

function drawMarks(state: FieldState): void {
  const { field, texts, marks } = state
  const { t } = texts
  const isLocked = field.source === 'environment'
  const changed = isChanged(state)
  const canReset =
    !isLocked &&
    !field.secret &&
    field.shape.kind !== 'flag' &&
    field.source === 'file' &&
    !same(field.value, field.defaultValue) &&
    !state.goesToDefault
  const lock = () =>
    h(
      'span',
      { class: 'badge badge--none' },
      icon('lock'),
      t('setting.environment', { name: field.variable ?? '' }),
    )
  const label = texts.setting(field.key)?.label ?? field.key
  put(
    marks,
    isLocked && lock(),
    changed && badge('info', t('setting.changed')),
    !changed && field.restartPending && badge('warn', t('setting.waits')),
    !changed && field.source === 'file' && badge('none', t('setting.file')),
    canReset &&
      button(t('setting.reset'), () => resetToDefault(state), {
        class: 'link',
        'aria-label': t('pair', { label: t('setting.reset'), value: label }),
      }),
  )
}

function drawRow({ field, texts, input, fault, marks }: FieldState, id: string): HTMLElement {
  const words = texts.setting(field.key)
  return h(
    'div',
    { class: `setting setting--${field.shape.kind}` },
    h(
      'div',
      { class: 'setting__head' },
      h('label', { for: id }, words?.label ?? field.key),
      h('code', { class: 'setting__key' }, field.key),
    ),
    input?.element ?? h('p', { class: 'soft' }, texts.t('setting.inFile')),
    h(
      'p',
      { id: `${id}-help`, class: 'help' },
      [words?.help ?? field.description, allowed(field, texts)].filter(Boolean).join(' '),
    ),
    fault,
    marks,
  )
}

/** Returns the allowed range and the default of a setting in words, where words can express them. Pure. */
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
