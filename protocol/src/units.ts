import { z } from 'zod'

/** Wall-clock time, ms since 1970 UTC. */
export const wallClockMs = z.int().min(0).max(8_640_000_000_000_000)
/** A whole number of milliseconds. */
export const wholeMs = z.int().min(0)
export const count = z.int().min(0)
/** Text from people or outside systems, bounded. */
export const text = (maxLength: number) => z.string().max(maxLength)
/** Language code of speech: BCP 47 primary tag, or 'auto'. */
export const language = z.string().regex(/^([a-z]{2,3}|auto)$/)
export type Language = z.infer<typeof language>
