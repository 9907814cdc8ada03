import type { ClientRole } from '../../../src/http/admin/messages.ts'
import { copyField } from '../draw/copyField.ts'
import { h } from '../draw/element.ts'
import { notice } from '../draw/notice.ts'
import type { Page } from '../shell/page.ts'

export interface MadeKey {
  readonly key: string
  readonly hub: string
  readonly role: ClientRole | null
}

/** Returns the card of a new key, which is shown only once, with the command lines that use it. */
export function madeKey(page: Page, { key, hub, role }: MadeKey): HTMLElement {
  const { t } = page.texts
  const isFor = (one: ClientRole) => role === null || role === one
  return h(
    'section',
    { class: 'card card--fresh' },
    h('h2', { tabindex: '-1' }, t('made.title', { role: t(`role.${role ?? 'any'}`) })),
    notice('warn', t('made.once')),
    copyField(page, t('made.key'), key),
    copyField(page, t('made.hub'), hub),
    isFor('worker') &&
      copyField(
        page,
        t('made.worker'),
        `npm run worker -- --hub ${hub} --enrollment-key ${key} --model data/models/ggml-large-v3-turbo.bin`,
      ),
    isFor('worker') && h('p', { class: 'soft' }, t('made.worker.text')),
    isFor('agent') && h('p', { class: 'soft' }, t('made.agent.text')),
    isFor('agent') &&
      copyField(
        page,
        t('made.agent'),
        `npm run agent:headless -- --hub ${hub} --enrollment-key ${key} --data data/agent --extension 101 --name "${t('made.agent.name')}" --parec follow,follow --sources pulse`,
      ),
    isFor('wallboard') && h('p', { class: 'soft' }, t('made.wallboard.text', { address: `${hub}/tv` })),
  )
}
