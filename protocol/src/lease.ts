import { z } from 'zod'
import { leaseId, recordingId } from './ids.ts'
import { partNumber } from './recording.ts'
import { count, language, text, wholeMs } from './units.ts'

/** Behind which point a new holder goes on, per channel: end and text of the last final utterance. */
export const lastFinal = z.object({ part: partNumber, toMs: wholeMs, text: text(4_000) })
export type LastFinal = z.infer<typeof lastFinal>

export const lease = z.object({
  leaseId,
  recordingId,
  /** Grows with every lease on this recording; finals of older fences are dropped. */
  fence: z.int().min(1),
  /** Each side counts by its own clock from receipt. */
  ttlMs: wholeMs,
  language,
  /** true: the call is on, follow the end; false: read at full speed. */
  live: z.boolean(),
  resume: z.object({ agent: lastFinal.nullable(), caller: lastFinal.nullable() }),
  /** Words that are likely on this site: names, products. At most a few hundred characters. */
  vocabulary: text(1_000),
})
export type Lease = z.infer<typeof lease>

export const slotCount = count.max(1_000)
