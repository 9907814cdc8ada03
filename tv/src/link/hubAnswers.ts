import type { Clock } from '@3cx-ninja/protocol'
import { z } from 'zod'
import { wallTuning } from '../tuning.ts'

const health = z.object({})

/** Whether a hub (not a proxy's error page) answers HTTP at the page's own address, ready or not. Never rejects. */
export async function hubAnswers(clock: Clock): Promise<boolean> {
  try {
    const answer = await fetch('/health', { cache: 'no-store', signal: clock.timeout(wallTuning.probeMs) })
    return health.safeParse(await answer.json()).success
  } catch {
    return false // no answer, or not ours
  }
}
