import type { Refusal } from '../../../src/http/admin/messages.ts'
import type { Texts } from '../texts/texts.ts'
import { notice } from './notice.ts'
import { createRedraw } from './redraw.ts'

/** Returns the page's sentence for a refusal, or the hub's own message for an unknown code. */
export function failureText(texts: Texts, { error, message }: Refusal): string {
  return texts.maybe(`failure.${error}`) ?? (message || texts.t('failure.unexpected-answer'))
}

export function failureNotice(texts: Texts, refusal: Refusal): HTMLElement {
  const made = notice('bad', failureText(texts, refusal))
  made.setAttribute('role', 'alert')
  return made
}

/**
 * Returns a function that shows a repeated refusal once, not at each poll, because screen readers announce it; null clears
 * the area.
 */
export function createFailureArea(texts: Texts, parent: Element): (refusal: Refusal | null) => void {
  const redraw = createRedraw(parent)
  return (refusal) => redraw(refusal, () => (refusal ? [failureNotice(texts, refusal)] : []))
}
