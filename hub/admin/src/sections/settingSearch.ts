import { h } from '../draw/element.ts'
import { icon } from '../draw/icons.ts'
import type { Texts } from '../texts/texts.ts'

export interface Searchable {
  /** Everything by which it may be looked for: name, key, meaning, value. */
  readonly words: string
  readonly element: HTMLElement
  /** Not as delivered. */
  readonly isSet: boolean
}

export interface SearchableGroup {
  readonly element: HTMLElement
  readonly title: string
  readonly rows: readonly Searchable[]
}

/** Lower case without accents: 'Durée' is found by 'duree'. Pure. */
export const plain = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('’', "'").toLowerCase()

/** Every word of the question is in it, or in the name of its group. Pure. */
export function matches(question: string, words: string): boolean {
  const known = plain(words)
  return plain(question)
    .split(/\s+/)
    .filter(Boolean)
    .every((word) => known.includes(word))
}

/** Finds a setting among all by what it is called or means. '/' leads here; Escape shows all again. */
export function settingSearch(
  texts: Texts,
  groups: readonly SearchableGroup[],
): { readonly element: HTMLElement; focus(): void; showAll(): void } {
  const { t, plural } = texts
  const count = h('p', { class: 'search__count', role: 'status' })
  const input = h('input', {
    class: 'input',
    type: 'search',
    'aria-label': t('settings.search'),
    placeholder: t('settings.searchHint'),
    autocomplete: 'off',
    spellcheck: 'false',
    on: {
      input: () => search(),
      keydown: (event) => {
        const { key } = event as KeyboardEvent
        // in a form, Enter would save
        if (key === 'Enter') event.preventDefault()
        if (key !== 'Escape' || (input.value === '' && !onlySet.checked)) return
        event.preventDefault()
        showAll()
      },
    },
  })
  const onlySet = h('input', { type: 'checkbox', class: 'check', on: { change: () => search() } })
  const search = () => {
    let found = 0
    for (const { element, title, rows } of groups) {
      let inside = 0
      for (const row of rows) {
        const isShown = matches(input.value, `${title} ${row.words}`) && (row.isSet || !onlySet.checked)
        row.element.hidden = !isShown
        if (isShown) inside++
      }
      element.hidden = inside === 0
      found += inside
    }
    const isAsked = input.value.trim() !== '' || onlySet.checked
    count.textContent = !isAsked
      ? ''
      : found === 0
        ? t('settings.searchNone')
        : plural('settings.found', found)
    highlight(
      groups.map(({ element }) => element),
      input.value,
    )
  }
  const showAll = () => {
    input.value = ''
    onlySet.checked = false
    search()
  }
  return {
    element: h(
      'div',
      { class: 'search', role: 'search' },
      h('span', { class: 'search__input' }, icon('search'), input),
      h('label', { class: 'search__only' }, onlySet, t('settings.onlySet')),
      count,
    ),
    focus: () => input.focus(),
    showAll,
  }
}

const NAME = 'found'

/** Marks what was found without touching the page, where the browser can. */
function highlight(inside: readonly HTMLElement[], question: string): void {
  if (!('highlights' in CSS)) return
  // a single letter stands in nearly every word
  const terms = plain(question)
    .split(/\s+/)
    .filter(({ length }) => length > 1)
  const ranges: Range[] = []
  for (const root of inside) {
    if (terms.length === 0 || root.hidden) continue
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
    for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
      const text = node.textContent ?? ''
      const known = plain(text)
      if (known.length !== text.length) continue // places would not fit any more
      for (const term of terms)
        for (let at = known.indexOf(term); at >= 0; at = known.indexOf(term, at + term.length)) {
          const range = document.createRange()
          range.setStart(node, at)
          range.setEnd(node, at + term.length)
          ranges.push(range)
        }
    }
  }
  CSS.highlights.set(NAME, new Highlight(...ranges))
}
