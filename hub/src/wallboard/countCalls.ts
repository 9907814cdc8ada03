import { MINUTE_MS, type BoardCall } from '@3cx-ninja/protocol'

/** Telephones of one conversation begin to ring within this time; after it the PBX may have given its name to another one. */
const TOGETHER_MS = 10 * MINUTE_MS

/** Returns how many calls there were, and how many of them nobody answered: a conversation that rang at ten telephones is one call. */
export function countCalls(calls: readonly Pick<BoardCall, 'conversation' | 'phase' | 'startedAtMs'>[]): {
  readonly total: number
  readonly missed: number
} {
  let total = 0
  let missed = 0
  const open = new Map<string, { readonly sinceMs: number; isMissed: boolean }>()
  for (const { conversation, phase, startedAtMs } of [...calls].sort(
    (a, b) => a.startedAtMs - b.startedAtMs,
  )) {
    const isMissed = phase === 'missed'
    const known = conversation === undefined ? undefined : open.get(conversation)
    if (known && startedAtMs - known.sinceMs <= TOGETHER_MS) {
      if (known.isMissed && !isMissed) missed -= 1
      known.isMissed &&= isMissed
      continue
    }
    total += 1
    if (isMissed) missed += 1
    if (conversation !== undefined) open.set(conversation, { sinceMs: startedAtMs, isMissed })
  }
  return { total, missed }
}
