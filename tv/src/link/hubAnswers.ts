import type { Clock } from '@3cx-ninja/protocol'
import { z } from 'zod'
import { wallboardTuning } from '../tuning.ts'

const health = z.object({ ready: z.boolean() })

/**
 * Resolves with whether a hub (not a proxy's error page) answers HTTP at the page's own address, ready or not. A stopping
 * hub counts as no answer: it refuses every socket, which proves nothing about this wallboard's token. Never rejects.
 */
export async function hubAnswers(clock: Clock, address = '/health'): Promise<boolean> {
  try {
    const answer = await fetch(address, { cache: 'no-store', signal: clock.timeout(wallboardTuning.probeMs) })
    return health.safeParse(await answer.json()).success
  } catch {
    return false // no answer, or not a hub's
  }
}
