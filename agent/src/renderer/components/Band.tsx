import type { ReactNode } from 'react'
import './band.css'
import { Icon, type IconName } from './Icon.tsx'

/** Draws a band across the window. An `urgent` band interrupts a screen reader. */
export function Band(props: {
  readonly tone: 'good' | 'warn' | 'bad'
  readonly icon: IconName
  readonly title: string
  readonly text?: string
  readonly urgent?: boolean
  readonly children?: ReactNode
}) {
  return (
    <div className={`band band--${props.tone}`} role={props.urgent ? 'alert' : 'status'}>
      <Icon name={props.icon} />
      <p className="band__message">
        <span className="band__title">{props.title}</span>{' '}
        {props.text ? <span className="band__text">{props.text}</span> : null}
      </p>
      {props.children}
    </div>
  )
}
