import { linkAnswer } from '../../../src/http/admin/messages.ts'
import { copyField } from '../draw/copyField.ts'
import { button, h, put } from '../draw/element.ts'
import { notice } from '../draw/notice.ts'
import { failureNotice } from '../draw/failure.ts'
import type { Page } from '../shell/page.ts'
import { card } from './heading.ts'

/** Returns the card that creates a one-time link for a colleague or another browser, without a restart of the hub. */
export function adminLink(page: Page): HTMLElement {
  const { api, texts } = page
  const { t } = texts
  const made = h('div', { class: 'stack' })
  const make = async () => {
    const answer = await api.send('POST', '/api/admin/links', linkAnswer)
    if (!answer.ok) return put(made, failureNotice(texts, answer.refusal))
    put(made, notice('warn', t('link.once')), copyField(page, t('link.label'), answer.value.link))
    page.say(t('link.once'))
  }
  return card(
    t('link.title'),
    h('p', { class: 'soft' }, t('link.text')),
    h('div', { class: 'actions' }, button(t('link.make'), make)),
    made,
  )
}
