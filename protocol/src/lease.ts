import { z } from 'zod'
import { leaseId, recordingId } from './ids.ts'
import { partNumber } from './recording.ts'
import { count, language, partMs, text, wholeMs } from './units.ts'

/** End and text of a channel's last final: the next worker of the recording continues after it. Rule W7. */
export const lastFinal = z.object({ part: partNumber, toMs: partMs, text: text(4_000) })
export type LastFinal = z.infer<typeof lastFinal>

/** A recording assigned to one worker for `ttlMs`, renewed by it. Rules W2 to W9. */
export const lease = z.object({
  leaseId,
  recordingId,
  /** Grows with every lease on this recording; the hub drops finals of older fences. */
  fence: z.int().min(1),
  /** Each side counts by its own clock from receipt. */
  ttlMs: wholeMs,
  language,
  /** true: the call is active, the worker follows the log's end; false: it reads at full speed. */
  live: z.boolean(),
  resume: z.object({ agent: lastFinal.nullable(), caller: lastFinal.nullable() }),
  /** Words that are likely on this site (names, products), used as prompt: at most a few hundred characters. */
  vocabulary: text(1_000),
})
export type Lease = z.infer<typeof lease>

/** Number of slots of a worker; the limit keeps a broken worker from claiming all calls. */
export const slotCount = count.max(1_000)
