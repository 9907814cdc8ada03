import type { Refusal } from '../../../src/http/admin/messages.ts'
import type { Texts } from '../texts/texts.ts'
import { notice } from './notice.ts'
import { createRedraw } from './redraw.ts'

/** What went wrong as a sentence of this page, or the hub's own where it knows none. */
export function failureText(texts: Texts, { error, message }: Refusal): string {
  return texts.maybe(`failure.${error}`) ?? (message || texts.t('failure.unexpected-answer'))
}

export function failureNotice(texts: Texts, refusal: Refusal): HTMLElement {
  const made = notice('bad', failureText(texts, refusal))
  made.setAttribute('role', 'alert')
  return made
}

/** Says a trouble that is asked for again and again once, not each time: it is read out aloud. null: there is none. */
export function createFailureArea(texts: Texts, parent: Element): (refusal: Refusal | null) => void {
  const redraw = createRedraw(parent)
  return (refusal) => redraw(refusal, () => (refusal ? [failureNotice(texts, refusal)] : []))
}
