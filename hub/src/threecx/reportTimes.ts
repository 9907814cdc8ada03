import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@3cx-ninja/protocol'

/** Age of the oldest report: middleware's queue may have been stopped for a month. */
export const OLDEST_REPORT_MS = 31 * DAY_MS
/** How far a time may lie ahead, since the sender's clock may be a little fast. */
export const AHEAD_REPORT_MS = 15 * MINUTE_MS

/** Ticks of .NET: 100 ns. As a duration a smaller number is one of seconds, and a larger one of seconds would be 115 days. */
const TICKS_PER_MS = 10_000
const FEWEST_TICKS = 10_000_000
/** 1970 in .NET ticks, which count from the year 1. */
const EPOCH_TICKS = 621_355_968_000_000_000

const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d+))?\s*(Z|[+-]\d{2}:?\d{2})?$/i
const DAY_FIRST = /^(\d{1,2})\.(\d{1,2})\.(\d{4})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?$/
const MONTH_FIRST = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2})(?::(\d{2}))? ?([AP])\.?M\.?$/i

/**
 * Returns the time that a text names, in ms since 1970: ISO, with or without a zone; seconds, ms or .NET ticks; '12.09.2026
 * 10:01:04', '3/11/2025 6:36:50 AM'. Without a zone it is UTC where `isUtc`, else the hub's local time. Returns undefined for
 * writings that depend on the PBX's culture.
 */
export function timeOf(value: string, isUtc: boolean): number | undefined {
  const text = value.replace(/\s/gu, ' ').trim()
  const iso = ISO.exec(text)
  if (iso) {
    const [, day = '', time = '', fraction = '', zone] = iso
    const offset =
      zone === undefined ? (isUtc ? 'Z' : '') : zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2').toUpperCase()
    return real(Date.parse(`${day}T${time}${time.length === 5 ? ':00' : ''}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`)) // prettier-ignore
  }
  const wire = /^\/Date\((-?\d{1,15})[+-]?\d*\)\/$/.exec(text)
  if (wire) return Number(wire[1])
  if (/^\d{9,19}$/.test(text)) return countedTime(Number(text))
  const dotted = DAY_FIRST.exec(text)
  if (dotted) {
    const [, day, month, year, hour, minute, second] = dotted.map(Number)
    return calendarTime({ year, month, day, hour, minute, second }, isUtc)
  }
  const american = MONTH_FIRST.exec(text)
  if (!american) return undefined
  const [, month, day, year, hour = 0, minute, second] = american.map(Number)
  const isAfternoon = american[7]?.toUpperCase() === 'P'
  return calendarTime({ year, month, day, hour: (hour % 12) + (isAfternoon ? 12 : 0), minute, second }, isUtc)
}

type Calendar = Readonly<Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number | undefined>>

function calendarTime(parts: Calendar, isUtc: boolean): number | undefined {
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23) return undefined
  const seconds = Number.isNaN(second) ? 0 : second
  return real(
    isUtc
      ? Date.UTC(year, month - 1, day, hour, minute, seconds)
      : new Date(year, month - 1, day, hour, minute, seconds).getTime(),
  )
}

function countedTime(value: number): number | undefined {
  if (value >= EPOCH_TICKS) return Math.round((value - EPOCH_TICKS) / TICKS_PER_MS)
  if (value >= 1e12 && value < 1e14) return value
  return value >= 1e9 && value < 1e10 ? value * SECOND_MS : undefined
}

/**
 * Returns a duration in ms, in whole seconds: '62', '62,4', '00:01:02.3450000', '1:02.5', '1.00:01:02', 'PT1M2S', or .NET ticks.
 * Returns undefined for another text, and for more than 31 days.
 */
export function durationOf(value: string): number | undefined {
  const ms = rawDurationOf(value.replace(/\s/gu, ''))
  if (ms === undefined || Number.isNaN(ms) || ms < 0 || ms > OLDEST_REPORT_MS) return undefined
  return Math.floor(ms / SECOND_MS) * SECOND_MS
}

function rawDurationOf(text: string): number | undefined {
  if (/^\d+$/.test(text) && Number(text) >= FEWEST_TICKS) return Number(text) / TICKS_PER_MS
  if (/^\d+(?:[.,]\d+)?$/.test(text)) return Number(text.replace(',', '.')) * SECOND_MS
  const clock = /^(?:(\d{1,3})[.:])??(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d+))?$/.exec(text)
  if (clock) {
    const [days, hours, minutes, seconds] = clock.slice(1, 5).map((part) => Number(part || 0))
    return msOf(days, hours, minutes, Number(`${seconds ?? 0}.${clock[5] ?? 0}`))
  }
  const iso = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$/i.exec(text)
  if (!iso || !/\d/.test(text)) return undefined
  const [days, hours, minutes, seconds] = iso.slice(1).map((part) => Number((part || '0').replace(',', '.')))
  return msOf(days, hours, minutes, seconds)
}

function msOf(days = 0, hours = 0, minutes = 0, seconds = 0): number {
  return days * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS
}

const real = (ms: number): number | undefined => (Number.isNaN(ms) ? undefined : ms)
