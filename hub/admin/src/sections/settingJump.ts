import { button, h } from '../draw/element.ts'

/** Returns a line of chapter links that stays visible and marks the chapter in view. */
export function settingJump(
  label: string,
  chapters: readonly { readonly title: string; readonly element: HTMLElement }[],
  signal: AbortSignal,
): HTMLElement {
  const chips = chapters.map(({ title, element }) => ({
    element,
    chip: button(title, () => goTo(element), { class: 'jump__one' }),
  }))
  const list = h('ul', { class: 'jump', 'aria-label': label }, ...chips.map(({ chip }) => h('li', {}, chip)))
  const inSight = new Set<Element>()
  const watch = new IntersectionObserver(
    (changes) => {
      for (const { target, isIntersecting } of changes)
        if (isIntersecting) inSight.add(target)
        else inSight.delete(target)
      const first = chips.find(({ element }) => inSight.has(element))
      for (const { chip } of chips) chip.removeAttribute('aria-current')
      if (!first) return
      first.chip.setAttribute('aria-current', 'true')
      // only the line of links scrolls, never the page
      const { offsetLeft, offsetWidth } = first.chip
      list.scrollTo({ left: offsetLeft - (list.clientWidth - offsetWidth) / 2 })
    },
    { rootMargin: '-190px 0px -40% 0px' },
  )
  for (const { element } of chips) watch.observe(element)
  signal.addEventListener('abort', () => watch.disconnect())
  return list
}

function goTo(group: HTMLElement): void {
  group.scrollIntoView({ block: 'start' })
  group.querySelector('h2')?.focus({ preventScroll: true })
}
