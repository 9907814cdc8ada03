import type { Page } from '../shell/page.ts'
import { adminTuning } from '../tuning.ts'
import { button, h } from './element.ts'

/** Returns a read-only field with its own copy button. */
export function copyField(page: Page, label: string, value: string): HTMLElement {
  const { t } = page.texts
  const shown = h('input', {
    class: 'copy__value',
    readonly: true,
    value,
    'aria-label': label,
    on: { focus: () => shown.select() },
  })
  let back: () => void = () => undefined
  const copy = button(
    t('copy'),
    async () => {
      const done = await toClipboard(value)
      if (!done) shown.select()
      copy.textContent = t(done ? 'copied' : 'copy.byHand')
      page.say(t(done ? 'copied' : 'copy.byHand'))
      back()
      back = page.clock.after(adminTuning.copiedMs, () => (copy.textContent = t('copy')))
    },
    { class: 'button button--small', 'aria-label': t('pair', { label: t('copy'), value: label }) },
  )
  return h(
    'div',
    { class: 'copy' },
    h('span', { class: 'copy__label', 'aria-hidden': 'true' }, label),
    h('div', { class: 'copy__line' }, shown, copy),
  )
}

/** Resolves with false where the browser refuses to copy: on plain HTTP, or without permission. */
async function toClipboard(value: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(value)
    return true
  } catch {
    return false
  }
}
