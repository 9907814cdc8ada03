import { HOUR_MS, MINUTE_MS, SECOND_MS } from '@3cx-ninja/protocol'
import { en } from './en.ts'
import { fr, type TextKey } from './fr.ts'

export type WallboardLanguage = 'fr' | 'en'
type PluralBase = TextKey extends infer Key ? (Key extends `${infer Base}.other` ? Base : never) : never

/** The sign of an unknown value. */
export const UNKNOWN = '–'

export interface Texts {
  readonly language: WallboardLanguage
  t(key: TextKey, values?: Readonly<Record<string, string | number>>): string
  plural(base: PluralBase, n: number): string
  count(n: number): string
  /** Returns '14:32' in the time zone of this screen. */
  time(ms: number): string
  /** Returns 'samedi 21 novembre'. */
  day(ms: number): string
  /** Returns a running time: '04:12', '1:04:12'. */
  running(durationMs: number): string
  /** Returns a rounded duration: '45 s', '12 min', '2 h 05'. */
  glance(durationMs: number): string
  /** Returns a measured duration: '850 ms', '1,2 s', '3 min'. */
  measured(durationMs: number): string
}

/** Returns the language of `?lang=`, else the browser's first supported one, else French. */
export function chooseLanguage(query: string, wanted: readonly string[]): WallboardLanguage {
  const asked = [new URLSearchParams(query).get('lang') ?? '', ...wanted]
  for (const tag of asked) {
    const primary = tag.toLowerCase().split('-')[0]
    if (primary === 'fr' || primary === 'en') return primary
  }
  return 'fr'
}

/** Returns the texts, numbers and times of one language. Only tests pass `timeZone`; the default is the screen's zone. */
export function createTexts(language: WallboardLanguage, timeZone?: string): Texts {
  const words = language === 'fr' ? fr : en
  const locale = language === 'fr' ? 'fr-FR' : 'en-GB'
  const zone = timeZone === undefined ? {} : { timeZone }
  const plurals = new Intl.PluralRules(locale)
  const numbers = new Intl.NumberFormat(locale)
  const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  const times = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', ...zone })
  const days = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long', ...zone })
  const t: Texts['t'] = (key, values = {}) =>
    words[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? UNKNOWN))
  const glance = (durationMs: number): string => {
    const ms = Math.max(0, durationMs)
    if (ms < MINUTE_MS) return t('unit.seconds', { n: Math.floor(ms / SECOND_MS) })
    if (ms < HOUR_MS) return t('unit.minutes', { n: Math.floor(ms / MINUTE_MS) })
    const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS)
    return t('unit.hours', { h: numbers.format(Math.floor(ms / HOUR_MS)), m: twoDigits(minutes) })
  }
  return {
    language,
    t,
    plural: (base, n) =>
      t(plurals.select(n) === 'one' ? `${base}.one` : `${base}.other`, { n: numbers.format(n) }),
    count: (n) => numbers.format(n),
    time: (ms) => times.format(ms),
    day: (ms) => days.format(ms),
    running(durationMs) {
      const seconds = Math.max(0, Math.floor(durationMs / SECOND_MS))
      const minutes = Math.floor(seconds / 60)
      const rest = twoDigits(seconds % 60)
      if (minutes < 60) return `${twoDigits(minutes)}:${rest}`
      return `${Math.floor(minutes / 60)}:${twoDigits(minutes % 60)}:${rest}`
    },
    glance,
    measured(durationMs) {
      if (durationMs < SECOND_MS) return t('unit.milliseconds', { n: Math.round(durationMs) })
      if (durationMs < MINUTE_MS) return t('unit.seconds', { n: tenths.format(durationMs / SECOND_MS) })
      return glance(durationMs)
    },
  }
}

function twoDigits(n: number): string {
  return String(n).padStart(2, '0')
}
