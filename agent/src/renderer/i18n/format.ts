import type { Locale } from './texts.ts'

const SECOND_MS = 1_000

/** 3:07, or 1:02:45 from an hour on. */
export function clockTime(ms: number): string {
  const total = Math.max(0, Math.floor(ms / SECOND_MS))
  const hours = Math.floor(total / 3_600)
  const minutes = Math.floor((total % 3_600) / 60)
  const seconds = String(total % 60).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`
}

/** The same for `datetime` attributes and screen readers' tools. */
export const isoDuration = (ms: number): string => `PT${Math.max(0, Math.floor(ms / SECOND_MS))}S`

/** Today's calls by their hour, older ones by their day too. */
export function callTime(atMs: number, nowMs: number, locale: Locale): string {
  const at = new Date(atMs)
  const isToday = at.toDateString() === new Date(nowMs).toDateString()
  return new Intl.DateTimeFormat(
    locale,
    isToday
      ? { hour: '2-digit', minute: '2-digit' }
      : { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  ).format(at)
}

/** '2 minutes', '40 secondes': for what waits. */
export function formatDuration(ms: number, locale: Locale): string {
  const seconds = Math.round(ms / SECOND_MS)
  const [value, unit] =
    seconds < 90
      ? [seconds, 'second']
      : seconds < 5_400
        ? [Math.round(seconds / 60), 'minute']
        : [Math.round(seconds / 3_600), 'hour']
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value)
}

/** French numbers in pairs as people read them; others as they came. */
export function formatPhoneNumber(number: string): string {
  const national = number.replace(/^\+33/, '0').replace(/[\s.-]/g, '')
  return /^0\d{9}$/.test(national) ? national.replace(/(\d{2})(?=\d)/g, '$1\u00a0') : number
}
