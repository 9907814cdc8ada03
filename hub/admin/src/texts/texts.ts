import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@3cx-ninja/protocol'
import { en } from './en.ts'
import { fr, type TextKey } from './fr.ts'
import { settingsEn } from './settingsEn.ts'
import { settingsFr } from './settingsFr.ts'
import type { SettingWords } from './settingWords.ts'

export type Language = 'fr' | 'en'
export type { TextKey } from './fr.ts'
type PluralBase = TextKey extends infer Key ? (Key extends `${infer Base}.other` ? Base : never) : never

export interface Texts {
  readonly language: Language
  t(key: TextKey, values?: Readonly<Record<string, string | number>>): string
  /** Returns the text of a key that is built from the hub's codes, or undefined when this page has none. */
  maybe(key: string, values?: Readonly<Record<string, string | number>>): string | undefined
  plural(base: PluralBase, n: number): string
  count(n: number): string
  bytes(n: number): string
  /** '21 nov. 2026, 14:32' in the zone of this browser. */
  moment(ms: number): string
  /** 'il y a 5 minutes', 'dans 2 jours'. */
  relative(ms: number, nowMs: number): string
  /** '3 j 4 h', '12 min'. */
  lasting(durationMs: number): string
  setting(key: string): SettingWords | undefined
}

/** Returns the first supported language of the list (the stored choice, `?lang=`, the browser's languages), or French. */
export function chooseLanguage(wanted: readonly (string | null | undefined)[]): Language {
  for (const tag of wanted) {
    const primary = tag?.toLowerCase().split('-')[0]
    if (primary === 'fr' || primary === 'en') return primary
  }
  return 'fr'
}

/** Returns the text with non-breaking spaces before French punctuation. */
function unbroken(text: string): string {
  return text.replace(/ (?=[:»])|(?<=«) /g, '\u00A0').replace(/ (?=[;?!])/g, '\u202F')
}

/** Returns the words, numbers and times of one language. */
export function createTexts(language: Language): Texts {
  const words: Readonly<Record<string, string>> = language === 'fr' ? fr : en
  const settings: Readonly<Record<string, SettingWords>> = language === 'fr' ? settingsFr : settingsEn
  const locale = language === 'fr' ? 'fr-FR' : 'en-GB'
  const plurals = new Intl.PluralRules(locale)
  const numbers = new Intl.NumberFormat(locale)
  const moments = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  const relatives = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const unit = (name: string, n: number, digits = 0) =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    }).format(n)
  const fill = (text: string, values: Readonly<Record<string, string | number>> = {}) =>
    (language === 'fr' ? unbroken(text) : text).replace(/\{(\w+)\}/g, (_, name: string) =>
      String(values[name] ?? ''),
    )
  const maybe: Texts['maybe'] = (key, values) => {
    const text = Object.hasOwn(words, key) ? words[key] : undefined
    return text === undefined ? undefined : fill(text, values)
  }
  const t: Texts['t'] = (key, values) => maybe(key, values) ?? key
  return {
    language,
    t,
    maybe,
    plural: (base, n) =>
      t(plurals.select(n) === 'one' ? `${base}.one` : `${base}.other`, { n: numbers.format(n) }),
    count: (n) => numbers.format(n),
    bytes(n) {
      if (n < 1e6) return unit('kilobyte', Math.round(n / 1e3))
      return n < 1e9 ? unit('megabyte', Math.round(n / 1e6)) : unit('gigabyte', n / 1e9, n < 1e11 ? 1 : 0)
    },
    moment: (ms) => moments.format(ms),
    relative(ms, nowMs) {
      const away = ms - nowMs
      const size = Math.abs(away)
      if (size < MINUTE_MS) return t(away > 0 ? 'soon' : 'justNow')
      if (size < HOUR_MS) return relatives.format(Math.round(away / MINUTE_MS), 'minute')
      if (size < DAY_MS) return relatives.format(Math.round(away / HOUR_MS), 'hour')
      return relatives.format(Math.round(away / DAY_MS), 'day')
    },
    lasting(durationMs) {
      const minutes = Math.floor(durationMs / MINUTE_MS)
      if (minutes < 1) return unit('second', Math.floor(durationMs / SECOND_MS))
      if (minutes < 60) return unit('minute', minutes)
      const hours = Math.floor(minutes / 60)
      if (hours < 24) return `${unit('hour', hours)} ${unit('minute', minutes % 60)}`
      return `${unit('day', Math.floor(hours / 24))} ${unit('hour', hours % 24)}`
    },
    setting(key) {
      const said = Object.hasOwn(settings, key) ? settings[key] : undefined
      return said && { label: fill(said.label), help: fill(said.help) }
    },
  }
}
