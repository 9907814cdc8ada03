import { h, type Child } from './element.ts'
import { icon } from './icons.ts'

export type Tone = 'ok' | 'info' | 'warn' | 'bad'

/** A message with its tone in shape and color. `alert`: read out at once. */
export function notice(tone: Tone, ...children: readonly Child[]): HTMLElement {
  return h(
    'div',
    { class: `notice notice--${tone}` },
    icon(tone),
    h('div', { class: 'notice__text' }, ...children),
  )
}

export function badge(tone: Tone | 'none', text: string): HTMLElement {
  return h('span', { class: `badge badge--${tone}` }, text)
}
