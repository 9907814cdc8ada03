import { webhooksAnswer, type WebhooksView } from '../../../src/http/admin/threecxMessages.ts'
import { h, put } from '../draw/element.ts'
import { failureNotice } from '../draw/failure.ts'
import { badge, notice } from '../draw/notice.ts'
import { table } from '../draw/table.ts'
import type { Page } from '../shell/page.ts'
import { card } from './heading.ts'

type Webhook = WebhooksView['webhooks'][number]
/** More than a person reads; the hub keeps the others for a look by the API. */
const SHOWN = 30
const WARN_FROM_MS = 30_000

/** Returns the list of the last webhooks: what each said, what the hub did with it, and why it refused one. */
export function webhooks(page: Page): HTMLElement {
  const { api, texts } = page
  const { t } = texts
  const content = h('div', { class: 'stack' })
  const load = async () => {
    const answer = await api.get('/api/admin/3cx/webhooks', webhooksAnswer)
    if (page.signal.aborted) return
    if (!answer.ok) return put(content, failureNotice(texts, answer.refusal))
    const { clock, webhooks: rows } = answer.value
    put(content, clockNotice(page, clock.aheadMs), draw(page, rows.slice(0, SHOWN)))
  }
  void load()
  return card(t('threecx.webhooks'), h('p', { class: 'soft' }, t('threecx.webhooks.text')), content)
}

/** A clock that is off is named; from half a minute on calls may be joined wrongly, and the PBX needs a time server. */
function clockNotice({ texts }: Page, aheadMs: number): HTMLElement | undefined {
  if (aheadMs === 0) return undefined
  const seconds = Math.round(Math.abs(aheadMs) / 1_000)
  const key = aheadMs > 0 ? 'threecx.clock.ahead' : 'threecx.clock.behind'
  return notice(Math.abs(aheadMs) >= WARN_FROM_MS ? 'warn' : 'info', texts.t(key, { seconds }))
}

function draw({ texts }: Page, rows: readonly Webhook[]): HTMLElement {
  const { t } = texts
  if (rows.length === 0) return h('p', { class: 'soft' }, t('threecx.webhooks.none'))
  const columns = [
    { label: t('threecx.webhooks.time'), cell: ({ atMs }: Webhook) => texts.moment(atMs) },
    {
      label: t('threecx.webhooks.outcome'),
      cell: ({ outcome }: Webhook) =>
        badge(outcome === 'refused' ? 'warn' : 'ok', t(`threecx.webhooks.${outcome}`)),
    },
    {
      label: t('threecx.webhooks.call'),
      cell: ({ extension, number }: Webhook) => [extension, number].filter(Boolean).join(' · '),
    },
    {
      label: t('threecx.webhooks.notes'),
      cell: ({ outcome, message, remarks }: Webhook) =>
        [...(outcome === 'refused' ? [message] : []), ...remarks].join('; '),
    },
  ]
  return table(t('threecx.webhooks'), columns, rows)
}
