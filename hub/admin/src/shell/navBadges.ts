import { overviewAnswer, type Overview } from '../../../src/http/admin/messages.ts'
import type { Api } from '../api/api.ts'
import { h } from '../draw/element.ts'
import type { Texts } from '../texts/texts.ts'
import type { SectionName } from './page.ts'

/** Returns the number of items that need attention, by the section that resolves them. Pure. */
export function asking({
  parts,
  writes,
}: Pick<Overview, 'parts' | 'writes'>): Partial<Record<SectionName, number>> {
  return { overview: parts.filter(({ state }) => state !== 'ok').length, outbox: writes.blocked }
}

/** Draws the number of items that need attention next to each section name and returns its polling. */
export function createNavBadges(links: ReadonlyMap<SectionName, HTMLElement>, texts: Texts, api: Api) {
  const badges = new Map([...links].map(([name, link]) => [name, badgeOn(link)]))
  return async (signal: AbortSignal): Promise<void> => {
    const answer = await api.get('/api/admin/overview', overviewAnswer)
    if (!answer.ok || signal.aborted) return // the open section reports the link's failure
    const counts = asking(answer.value)
    for (const [name, badge] of badges) {
      const count = counts[name] ?? 0
      badge.hidden = count === 0
      badge.textContent = texts.count(count)
      badge.title = texts.plural('nav.asks', count)
      badge.setAttribute('aria-label', texts.plural('nav.asks', count))
    }
  }
}

function badgeOn(link: HTMLElement): HTMLElement {
  const badge = h('span', { class: 'nav__asks', role: 'img', hidden: true })
  link.append(badge)
  return badge
}
