import { h } from '../draw/element.ts'
import type { Language, Texts } from '../texts/texts.ts'

export function languageChoice(texts: Texts, choose: (language: Language) => void): HTMLElement {
  return choice(
    texts.t('choose.language'),
    texts.language,
    [
      ['fr', 'Français'],
      ['en', 'English'],
    ],
    (value) => choose(value === 'en' ? 'en' : 'fr'),
  )
}

export function themeChoice(texts: Texts, theme: string, wear: (theme: string) => void): HTMLElement {
  const { t } = texts
  return choice(
    t('choose.theme'),
    theme,
    [
      ['auto', t('theme.auto')],
      ['light', t('theme.light')],
      ['dark', t('theme.dark')],
    ],
    wear,
  )
}

function choice(
  label: string,
  value: string,
  options: readonly (readonly [string, string])[],
  choose: (value: string) => void,
): HTMLElement {
  const select = h(
    'select',
    { class: 'select select--small', 'aria-label': label },
    ...options.map(([one, text]) => h('option', { value: one, selected: one === value }, text)),
  )
  select.addEventListener('change', () => choose(select.value))
  return select
}
