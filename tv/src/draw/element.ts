/** Returns a new element; only `setText` sets its text, never as HTML. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  document: Document,
  tag: Tag,
  className: string,
  children: readonly Element[] = [],
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  if (className) made.className = className
  made.append(...children)
  return made
}

/** Sets the text only when it differs, so that a tick each second costs nothing. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text
}

export function setData(target: HTMLElement | SVGElement, name: string, value: string): void {
  if (target.dataset[name] !== value) target.dataset[name] = value
}

export function setShown(target: HTMLElement, shown: boolean): void {
  if (target.hidden === shown) target.hidden = !shown
}

export interface Drawn<Item> {
  readonly element: Element
  update(item: Item): void
}

/** Returns a list that keeps one child of `parent` per item, by key: an element lives as long as its item. */
export function keyedList<Item extends { readonly key: string }>(
  parent: Element,
  make: () => Drawn<Item>,
): (items: readonly Item[]) => void {
  const drawn = new Map<string, Drawn<Item>>()
  return (items) => {
    const keys = new Set(items.map(({ key }) => key))
    for (const [key, one] of drawn) {
      if (keys.has(key)) continue
      one.element.remove()
      drawn.delete(key)
    }
    items.forEach((item, index) => {
      const one = drawn.get(item.key) ?? make()
      drawn.set(item.key, one)
      if (parent.children[index] !== one.element)
        parent.insertBefore(one.element, parent.children[index] ?? null)
      one.update(item) // updated once it is in the document: some items measure themselves
    })
  }
}
