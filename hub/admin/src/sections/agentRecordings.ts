import {
  agentRecordings,
  deletedRecordings,
  type AgentRecordings,
  type Refusal,
} from '../../../src/http/admin/messages.ts'
import { askFirst } from '../draw/dialog.ts'
import { button, h } from '../draw/element.ts'
import { createFailureArea } from '../draw/failure.ts'
import { badge } from '../draw/notice.ts'
import { createRedraw } from '../draw/redraw.ts'
import { table } from '../draw/table.ts'
import type { Page } from '../shell/page.ts'

type Owner = AgentRecordings[number]

/** Lists whose recordings are on the hub, revoked agents too, with a button that deletes the sound of one of them. */
export function recordingsByAgent(page: Page): HTMLElement {
  const { t, count } = page.texts
  const failure = h('div')
  const showFailure: (refusal: Refusal | null) => void = createFailureArea(page.texts, failure)
  const list = h('div', { class: 'stack' })
  const redraw = createRedraw(list)
  const load = async () => {
    const answer = await page.api.get('/api/admin/agents/recordings', agentRecordings)
    if (page.signal.aborted) return
    // The list of clients above already says that the hub does not respond.
    showFailure(answer.ok || answer.refusal.error === 'unreachable' ? null : answer.refusal)
    if (!answer.ok) return
    const owners = answer.value
    redraw(owners, () => [
      owners.length === 0
        ? h('p', { class: 'soft' }, t('sounds.none'))
        : table(t('sounds.title'), columns, owners),
    ])
  }
  const remove = async (owner: Owner) => {
    const confirmed = await askFirst({
      title: t('sounds.delete.title', { name: owner.name, count: count(owner.recordings) }),
      text: t('sounds.delete.text'),
      yes: t('sounds.delete'),
      no: t('cancel'),
    })
    if (!confirmed) return
    const path = `/api/admin/agents/${encodeURIComponent(owner.id)}/delete-recordings`
    const answer = await page.api.send('POST', path, deletedRecordings, { name: owner.name })
    showFailure(answer.ok ? null : answer.refusal)
    if (!answer.ok) return
    page.say(t('sounds.deleted', { name: owner.name, count: count(answer.value.deleted) }))
    await load()
  }
  const columns = [
    { label: t('clients.name'), cell: ({ name }: Owner) => h('strong', {}, name) },
    {
      label: t('clients.state'),
      cell: ({ isEnrolled }: Owner) =>
        isEnrolled ? badge('ok', t('sounds.enrolled')) : badge('none', t('sounds.revoked')),
    },
    { label: t('sounds.recordings'), cell: ({ recordings }: Owner) => count(recordings) },
    { label: t('sounds.unsealed'), cell: ({ unsealed }: Owner) => count(unsealed) },
    {
      label: t('sounds.delete'),
      isAction: true,
      cell: (owner: Owner) =>
        button(t('sounds.delete'), () => remove(owner), {
          class: 'button button--small',
          id: `delete-sounds-${owner.id}`,
          'aria-label': t('sounds.delete.which', { name: owner.name }),
        }),
    },
  ]
  page.watch(load)
  return h(
    'div',
    { class: 'stack' },
    h('h2', {}, t('sounds.title')),
    h('p', { class: 'soft' }, t('sounds.lead')),
    failure,
    h('div', { class: 'card card--table' }, list),
  )
}
