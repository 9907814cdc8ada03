import { put, type Child } from './element.ts'

/** Draws anew only what changed, so that nobody loses the button under the finger: the focus stays on the element of the same id. */
export function createRedraw(parent: Element): (seen: unknown, draw: () => readonly Child[]) => void {
  let before: string | undefined
  return (seen, draw) => {
    const now = JSON.stringify(seen)
    if (now === before) return
    before = now
    const focused = parent.contains(document.activeElement) ? document.activeElement?.id : ''
    put(parent, ...draw())
    if (focused) document.getElementById(focused)?.focus()
  }
}
