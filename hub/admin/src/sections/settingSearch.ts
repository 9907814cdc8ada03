import { h } from '../draw/element.ts'
import { icon } from '../draw/icons.ts'
import type { Texts } from '../texts/texts.ts'

export interface Searchable {
  /** All text that a search matches: name, key, meaning and value. */
  readonly words: string
  readonly element: HTMLElement
  /** The value differs from the default. */
  readonly isSet: boolean
}

export interface SearchableGroup {
  readonly element: HTMLElement
  readonly title: string
  readonly rows: readonly Searchable[]
}

/** Returns the text in lower case without accents: 'duree' finds 'Durée'. Pure. */
export const plain = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('’', "'").toLowerCase()

/** Returns whether every word of the question occurs in the setting's words or in its group's name. Pure. */
export function matches(question: string, words: string): boolean {
  const known = plain(words)
  return plain(question)
    .split(/\s+/)
    .filter(Boolean)
    .every((word) => known.includes(word))
}

/** Returns the search field, which filters settings by name or meaning. '/' focuses it; Escape shows all settings again. */
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
        // Enter would save the form
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

/** Highlights the matches without changing the elements, in browsers that support it. */
function highlight(inside: readonly HTMLElement[], question: string): void {
  if (!('highlights' in CSS)) return
  // a single letter occurs in nearly every word
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
      if (known.length !== text.length) continue // positions would no longer match
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
