import { put, type Child } from './element.ts'

/**
 * Returns a function that redraws `parent` only when the data changed, so that no button moves under the pointer. The focus
 * stays on the element with the same id.
 */
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
