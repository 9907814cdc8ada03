import type { Refusal } from '../../../src/http/adminMessages.ts'
import type { Texts } from '../texts/texts.ts'
import { notice } from './notice.ts'

/** What went wrong as a sentence of this page, or the hub's own where it knows none. */
export function troubleText(texts: Texts, { error, message }: Refusal): string {
  return texts.maybe(`trouble.${error}`) ?? (message || texts.t('trouble.odd-answer'))
}

export function troubleNotice(texts: Texts, refusal: Refusal): HTMLElement {
  const made = notice('bad', troubleText(texts, refusal))
  made.setAttribute('role', 'alert')
  return made
}
