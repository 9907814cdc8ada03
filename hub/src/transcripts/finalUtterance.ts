import { utterance as utteranceSchema, wallClockMs, type Utterance } from '@3cx-ninja/protocol'
import { z } from 'zod'

/** A final with the wall-clock time at which it began: that time orders both channels and all parts. */
export const finalUtterance = utteranceSchema.extend({ atMs: wallClockMs })
export interface FinalUtterance extends Utterance {
  readonly atMs: number
}

/** Receives a stored final that cannot be read, without its text; it is set aside, and the other finals are used. */
export type OnUnreadable = (found: { readonly utteranceId: string; readonly detail: string }) => void

/** Rows named in the log; a draft reads its finals every few seconds, and the log must not fill with one row. */
const MAX_NAMED = 1_000

const named = z.object({ utteranceId: z.string().max(64) })

/**
 * Returns the reader of stored finals: it returns those that can be read, in the same order, and reports each of the others
 * once. One unreadable final never keeps the rest of a call from its draft, its agent or its wallboard. Rule L12.
 */
export function createFinalReader(
  onUnreadable: OnUnreadable,
): (values: readonly unknown[]) => readonly FinalUtterance[] {
  const reported = new Set<string>()
  return (values) =>
    values.flatMap((value) => {
      const parsed = finalUtterance.safeParse(value)
      if (parsed.success) return [parsed.data]
      const utteranceId = named.safeParse(value).data?.utteranceId ?? '?'
      if (!reported.has(utteranceId) && reported.size < MAX_NAMED) {
        reported.add(utteranceId)
        const faults = parsed.error.issues.map(({ path, code }) => `${path.join('.')}: ${code}`)
        onUnreadable({ utteranceId, detail: faults.join(', ').slice(0, 400) })
      }
      return []
    })
}
