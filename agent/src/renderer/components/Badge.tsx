import type { ReactNode } from 'react'
import './badge.css'

export type Tone = 'plain' | 'record' | 'warn' | 'good' | 'bad' | 'accent'

/** Draws a state as a word with a dot: a full dot means that something runs, a ring that nothing does. */
export function Badge(props: {
  readonly tone: Tone
  readonly dot?: 'full' | 'ring' | 'none'
  readonly children: ReactNode
}) {
  const { dot = 'none' } = props
  return (
    <span className={`badge badge--${props.tone}`}>
      {dot === 'none' ? null : (
        <span className={`badge__dot${dot === 'ring' ? ' badge__dot--ring' : ''}`} aria-hidden="true" />
      )}
      {props.children}
    </span>
  )
}
