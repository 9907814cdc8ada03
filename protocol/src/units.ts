import { z } from 'zod'

/** Wall-clock time in whole ms since 1970 UTC; it may jump when the clock is set. */
export const wallClockMs = z.int().min(0).max(8_640_000_000_000_000)
/** A duration as a whole number of milliseconds, never negative. */
export const wholeMs = z.int().min(0)
/** A whole number that counts something, never negative. */
export const count = z.int().min(0)
/** Returns a schema of text from people or outside systems, bounded in length. */
export const text = (maxLength: number) => z.string().max(maxLength)
/** Language of speech: a BCP 47 primary tag of two or three letters, or 'auto'. */
export const language = z.string().regex(/^([a-z]{2,3}|auto)$/)
export type Language = z.infer<typeof language>
