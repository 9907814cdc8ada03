import type { SettingView } from '../../../src/http/admin/messages.ts'
import { h } from '../draw/element.ts'
import type { Texts } from '../texts/texts.ts'

/** The editor of one value. `read` returns it in the hub's shape; text that is no number stays text, and the hub refuses it. */
export interface SettingInput {
  readonly element: HTMLElement
  /** The element that receives the focus and carries the label. */
  readonly control: HTMLElement
  read(): unknown
  write(value: unknown): void
}

export interface InputNeeds {
  readonly field: SettingView
  readonly texts: Texts
  readonly id: string
  readonly describedBy: string
  readonly onInput: () => void
}

/** Returns the input for the setting's shape, or undefined when only the file can hold the value. */
export function settingInput(needs: InputNeeds): SettingInput | undefined {
  const { field, id, describedBy, onInput } = needs
  const isLocked = field.source === 'environment'
  const common = {
    id,
    'aria-describedby': describedBy,
    disabled: isLocked,
    on: { input: onInput, change: onInput },
  }
  switch (field.shape.kind) {
    case 'flag': {
      const box = h('input', { ...common, type: 'checkbox', class: 'check' })
      return {
        element: h('span', { class: 'check-line' }, box),
        control: box,
        read: () => box.checked,
        write: (value) => (box.checked = value === true),
      }
    }
    case 'choice':
      return choiceInput(needs, field.shape.options, common)
    case 'list': {
      const area = h('textarea', { ...common, class: 'input', rows: '3', spellcheck: 'false' })
      return {
        element: area,
        control: area,
        read: () => area.value.split('\n').map((line) => line.trim()).filter(Boolean), // prettier-ignore
        write: (value) => (area.value = Array.isArray(value) ? value.join('\n') : ''),
      }
    }
    case 'number': {
      const input = h('input', {
        ...common,
        class: 'input input--short',
        inputmode: 'numeric',
        autocomplete: 'off',
      })
      return {
        element: input,
        control: input,
        read: () => readNumber(input.value),
        write: (value) => (input.value = typeof value === 'number' ? String(value) : ''),
      }
    }
    case 'text':
      return textInput(field, common)
    case 'other':
      return undefined
  }
}

function choiceInput({ field, texts }: InputNeeds, options: readonly string[], common: object): SettingInput {
  const select = h(
    'select',
    { ...common, class: 'select' },
    ...options.map((value) => h('option', { value }, texts.maybe(`choice.${field.key}.${value}`) ?? value)),
  )
  return {
    element: select,
    control: select,
    read: () => select.value,
    write: (value) => (select.value = String(value)),
  }
}

function textInput(field: SettingView, common: object): SettingInput {
  const isLong = field.shape.kind === 'text' && (field.shape.maxLength ?? 0) >= 1_000
  const input = isLong
    ? h('textarea', { ...common, class: 'input', rows: '4' })
    : h('input', { ...common, class: 'input', autocomplete: 'off', spellcheck: 'false' })
  return {
    element: input,
    control: input,
    // an empty optional text means no text: the setting returns to its default
    read: () => (field.optional && input.value.trim() === '' ? null : input.value),
    write: (value) => (input.value = typeof value === 'string' ? value : ''),
  }
}

/** Returns the number of '3 000' or '12', null for '' (the default), and any other text unchanged for the hub. Pure. */
export function readNumber(text: string): unknown {
  const plain = text.replace(/[\s\u00A0\u202F]/g, '')
  if (plain === '') return null
  return /^-?\d+([.,]\d+)?$/.test(plain) ? Number(plain.replace(',', '.')) : text.trim()
}
