import { h, type Child } from './element.ts'
import { icon } from './icons.ts'

export type Tone = 'ok' | 'info' | 'warn' | 'bad'

/** Returns a message that shows its tone by shape and color. */
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
