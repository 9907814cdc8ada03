import type { Locale } from './texts.ts'

const SECOND_MS = 1_000

/** Returns a length as 3:07, or 1:02:45 from an hour on. */
export function clockTime(ms: number): string {
  const total = Math.max(0, Math.floor(ms / SECOND_MS))
  const hours = Math.floor(total / 3_600)
  const minutes = Math.floor((total % 3_600) / 60)
  const seconds = String(total % 60).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`
}

/** Returns a length for a `datetime` attribute, which tools of screen readers parse. */
export const isoDuration = (ms: number): string => `PT${Math.max(0, Math.floor(ms / SECOND_MS))}S`

/** Returns the hour of a call of today, and day and hour of an older call. */
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

/** Returns a waiting time in words: '2 minutes', '40 secondes'. */
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

/** Returns a French number in pairs, as people read it; another number stays as it is. */
export function formatPhoneNumber(number: string): string {
  const national = number.replace(/^\+33/, '0').replace(/[\s.-]/g, '')
  return /^0\d{9}$/.test(national) ? national.replace(/(\d{2})(?=\d)/g, '$1\u00a0') : number
}
