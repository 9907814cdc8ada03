import type { ZodType } from 'zod'

/**
 * Returns the filter of a snapshot's parts: it returns a part that wallboards can read, and reports one that they would refuse.
 * One broken call must not keep all other calls from every wallboard. Rule L12.
 */
export const readable =
  (onBroken: (kind: string) => void) =>
  <Shown>(schema: ZodType<Shown>, value: Shown): Shown[] => {
    const parsed = schema.safeParse(value)
    if (!parsed.success) onBroken('wallboard-snapshot')
    return parsed.success ? [parsed.data] : []
  }
