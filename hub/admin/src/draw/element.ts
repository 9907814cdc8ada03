/** A node, or text (never HTML: names of people and machines stay text). `false` and undefined draw nothing. */
export type Child = Node | string | false | undefined

type Listeners = Readonly<Record<string, (event: Event) => void>>

export interface Props {
  readonly class?: string | undefined
  readonly on?: Listeners
  /** Attributes: `true` sets an empty one, `false` and undefined omit it. */
  readonly [attribute: string]: string | number | boolean | undefined | Listeners
}

/** Returns a new element with these attributes, listeners and children. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  const { on = {}, class: className, ...attributes } = props
  if (className) made.className = className
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined || typeof value === 'object') continue
    made.setAttribute(name, value === true ? '' : String(value))
  }
  for (const [event, listener] of Object.entries(on)) made.addEventListener(event, listener)
  put(made, ...children)
  return made
}

/** Replaces the children of `parent`. */
export function put(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren(...children.filter((child) => child !== false && child !== undefined))
}

/** Returns a button that stays disabled until its action has finished. */
export function button(label: string, act: () => unknown, props: Omit<Props, 'on'> = {}): HTMLButtonElement {
  const made = h('button', { type: 'button', class: 'button', ...props }, label)
  made.addEventListener('click', () => {
    if (made.getAttribute('aria-disabled') === 'true') return
    const done = act()
    if (!(done instanceof Promise)) return
    made.setAttribute('aria-disabled', 'true')
    void done.finally(() => made.removeAttribute('aria-disabled'))
  })
  return made
}
