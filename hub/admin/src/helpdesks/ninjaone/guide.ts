import type { HelpdeskAnswer } from '../../../../src/http/admin/messages.ts'
import { copyField } from '../../draw/copyField.ts'
import { h } from '../../draw/element.ts'
import { notice } from '../../draw/notice.ts'
import { card, steps } from '../../sections/heading.ts'
import type { Page } from '../../shell/page.ts'

/** Returns the card that leads an administrator to an API client of NinjaOne. */
export function ninjaoneGuide(page: Page, { redirectUri }: HelpdeskAnswer): HTMLElement {
  const { t } = page.texts
  return card(
    t('ninjaone.how'),
    h('p', { class: 'soft' }, t('ninjaone.lead')),
    h('p', { class: 'soft' }, t('ninjaone.not-configured')),
    h('p', { class: 'soft' }, t('ninjaone.how.text')),
    steps(
      t('ninjaone.how.1'),
      t('ninjaone.how.2'),
      h('div', {}, t('ninjaone.how.3'), copyField(page, t('ninjaone.redirect'), redirectUri)),
      t('ninjaone.how.4'),
      t('ninjaone.how.5'),
      t('ninjaone.how.6'),
    ),
    notice('info', t('ninjaone.how.why')),
  )
}
