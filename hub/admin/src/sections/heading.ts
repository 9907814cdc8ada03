import { h, type Child } from '../draw/element.ts'

export function heading(title: string, lead: string): HTMLElement {
  return h('div', { class: 'heading' }, h('h1', { tabindex: '-1' }, title), h('p', { class: 'lead' }, lead))
}

export function card(title: string, ...children: readonly Child[]): HTMLElement {
  return h('section', { class: 'card' }, h('h2', {}, title), ...children)
}

export function steps(...lines: readonly Child[]): HTMLElement {
  return h('ol', { class: 'steps' }, ...lines.map((line) => h('li', {}, line)))
}
