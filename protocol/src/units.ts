import { z } from 'zod'

/** The year 2000: an earlier time is that of a clock that was never set, or a date that stands for none ('0001-01-01'). */
export const OLDEST_WALL_CLOCK_MS = Date.UTC(2000, 0, 1)
/** The year 2100: a later time is that of a broken clock. Sums of two times stay far below what a date can hold. */
export const NEWEST_WALL_CLOCK_MS = Date.UTC(2100, 0, 1)
/** Wall-clock time in whole ms since 1970 UTC, from 2000 to 2100; it may jump when the clock is set. Rule L12. */
export const wallClockMs = z.int().min(OLDEST_WALL_CLOCK_MS).max(NEWEST_WALL_CLOCK_MS)
/** Returns the nearest time that can be stored and sent, in whole ms: for sums of times and for clocks that were never set. */
export const asWallClockMs = (ms: number): number =>
  Math.round(Math.min(NEWEST_WALL_CLOCK_MS, Math.max(OLDEST_WALL_CLOCK_MS, Number.isNaN(ms) ? 0 : ms)))
/** A duration as a whole number of milliseconds, never negative; no longer than the time between two wall-clock times. */
export const wholeMs = z
  .int()
  .min(0)
  .max(NEWEST_WALL_CLOCK_MS - OLDEST_WALL_CLOCK_MS)
/** Longest time that one part of a recording may reach from its sample 0: no call lasts a month. */
export const MAX_PART_MS = 31 * 86_400_000
/** Time in ms after sample 0 of a part. Twice the longest part: silence may be inserted after its last record. */
export const partMs = z
  .int()
  .min(0)
  .max(2 * MAX_PART_MS)
/** A whole number that counts something, never negative; what counts further is broken. */
export const count = z.int().min(0).max(1_000_000_000_000)
/** Returns a schema of text from people or outside systems, bounded in length. */
export const text = (maxLength: number) => z.string().max(maxLength)
/** Language of speech: a BCP 47 primary tag of two or three letters, or 'auto'. */
export const language = z.string().regex(/^([a-z]{2,3}|auto)$/)
export type Language = z.infer<typeof language>
/** The largest message that an honest peer sends; sockets refuse larger ones. */
export const MAX_FRAME_BYTES = 262_144
