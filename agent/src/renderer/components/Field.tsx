import { useId, type ReactNode } from 'react'
import './field.css'
import { Icon } from './Icon.tsx'

interface FieldProps {
  readonly label: string
  readonly hint?: string | undefined
  readonly error?: string | undefined
  /** This sentence explains why the field cannot be changed. */
  readonly locked?: string | undefined
}

interface Ids {
  readonly id: string
  readonly 'aria-describedby'?: string
  readonly 'aria-invalid'?: boolean
}

/** Draws label, input and note, connected for screen readers. */
export function Field({
  label,
  hint,
  error: wrong,
  locked,
  children,
}: FieldProps & { readonly children: (ids: Ids) => ReactNode }) {
  const id = useId()
  const note = wrong ?? locked ?? hint
  const ids = {
    id,
    ...(note ? { 'aria-describedby': `${id}-note` } : {}),
    ...(wrong ? { 'aria-invalid': true } : {}),
  }
  return (
    <div className="field">
      <label className="field__label" htmlFor={id}>
        {label}
      </label>
      {children(ids)}
      {note ? (
        <p
          id={`${id}-note`}
          className={wrong ? 'field__error' : locked ? 'field__lock' : 'field__hint'}
          role={wrong ? 'alert' : undefined}
        >
          {locked && !wrong ? <Icon name="lock" /> : null}
          {note}
        </p>
      ) : null}
    </div>
  )
}

export function TextField(
  props: FieldProps & {
    readonly value: string
    readonly onChange: (value: string) => void
    readonly onLeave?: () => void
    readonly onFocus?: () => void
    readonly lines?: boolean
    readonly type?: 'text' | 'email' | 'url'
    readonly placeholder?: string
    readonly maxLength: number
    readonly autoFocus?: boolean
    readonly autoComplete?: string
    readonly secret?: boolean
  },
) {
  return (
    <Field {...props}>
      {(ids) => {
        const shared = {
          ...ids,
          className: 'input',
          value: props.value,
          readOnly: props.locked !== undefined,
          maxLength: props.maxLength,
          placeholder: props.placeholder,
          autoFocus: props.autoFocus,
          onBlur: props.onLeave,
          onFocus: props.onFocus,
          spellCheck: props.lines === true,
        }
        return props.lines ? (
          <textarea {...shared} rows={4} onChange={(event) => props.onChange(event.target.value)} />
        ) : (
          <input
            {...shared}
            type={props.type ?? 'text'}
            autoComplete={props.autoComplete ?? 'off'}
            onChange={(event) => props.onChange(event.target.value)}
          />
        )
      }}
    </Field>
  )
}

export function SelectField(
  props: FieldProps & {
    readonly value: string
    readonly choices: readonly { readonly value: string; readonly label: string }[]
    readonly onChange: (value: string) => void
    readonly disabled?: boolean
  },
) {
  return (
    <Field {...props}>
      {(ids) => (
        <select
          {...ids}
          className="input"
          value={props.value}
          disabled={props.locked !== undefined || props.disabled}
          onChange={(event) => props.onChange(event.target.value)}
        >
          {props.choices.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

/** Draws choices side by side; arrow keys move between them, as in any group of radio buttons. */
export function Choices<Value extends string>(
  props: FieldProps & {
    readonly value: Value
    readonly choices: readonly { readonly value: Value; readonly label: string }[]
    readonly onChange: (value: Value) => void
  },
) {
  const id = useId()
  const note = props.error ?? props.locked ?? props.hint
  return (
    <fieldset className="field" aria-describedby={note ? `${id}-note` : undefined}>
      <legend className="field__label">{props.label}</legend>
      <div className="choices">
        {props.choices.map(({ value, label }) => (
          <label key={value} className="choices__one">
            <input
              type="radio"
              name={id}
              checked={props.value === value}
              disabled={props.locked !== undefined}
              onChange={() => props.onChange(value)}
            />
            {label}
          </label>
        ))}
      </div>
      {note ? (
        <p id={`${id}-note`} className={props.locked ? 'field__lock' : 'field__hint'}>
          {props.locked ? <Icon name="lock" /> : null}
          {note}
        </p>
      ) : null}
    </fieldset>
  )
}
