import type { ReactNode } from 'react'
import './button.css'
import { Icon, type IconName } from './Icon.tsx'
import { Caps } from './Caps.tsx'
import type { Shortcut } from '../keys/shortcuts.ts'

export interface ButtonProps {
  readonly children: ReactNode
  readonly onPress: () => void
  readonly variant?: 'plain' | 'primary' | 'quiet' | 'danger' | 'destroy'
  readonly size?: 'normal' | 'large'
  readonly icon?: IconName
  readonly shortcut?: Shortcut
  readonly disabled?: boolean
  readonly pressed?: boolean
  readonly autoFocus?: boolean
}

export function Button(props: ButtonProps) {
  const { variant = 'plain', size = 'normal', shortcut, icon } = props
  return (
    <button
      type="button"
      className={`button button--${variant} button--${size}`}
      onClick={props.onPress}
      disabled={props.disabled}
      aria-pressed={props.pressed}
      aria-keyshortcuts={shortcut?.aria}
      autoFocus={props.autoFocus}
      title={shortcut?.aria}
    >
      {icon ? <Icon name={icon} /> : null}
      <span>{props.children}</span>
      {shortcut ? <Caps shortcut={shortcut} /> : null}
    </button>
  )
}

/** Draws a button with an icon only; screen readers and a resting pointer get the label. */
export function IconButton(props: {
  readonly label: string
  readonly icon: IconName
  readonly shortcut?: Shortcut
  readonly onPress: () => void
}) {
  const { shortcut } = props
  return (
    <button
      type="button"
      className="button button--quiet button--icon"
      onClick={props.onPress}
      aria-label={props.label}
      aria-keyshortcuts={shortcut?.aria}
      title={shortcut ? `${props.label} (${shortcut.aria})` : props.label}
    >
      <Icon name={props.icon} />
    </button>
  )
}
