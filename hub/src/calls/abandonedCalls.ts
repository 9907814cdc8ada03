import type { AgentId, BoardCall, Clock } from '@3cx-ninja/protocol'
import type { Calls } from './calls.ts'
import { abandonedTuning, presumeOver, type AbandonedTuning } from './presumeOver.ts'

export interface AbandonedCalls {
  presence(agentId: AgentId, online: boolean): void
  stop(): Promise<void>
}

/**
 * Ends on the board what nobody else will end: calls whose agent died in mid-call. Away counts from the end of the agent's
 * link, or from this start of the hub; what is presumed is stored with the call, so that it holds over a restart.
 */
export function watchAbandonedCalls({
  calls,
  clock,
  tuning = abandonedTuning,
  onPresumed,
  onFailure,
}: {
  readonly calls: Pick<Calls, 'list' | 'conclude'>
  readonly clock: Clock
  readonly tuning?: AbandonedTuning
  readonly onPresumed: (call: BoardCall) => void
  /** It is tried again at the next look. */
  readonly onFailure: (error: unknown) => void
}): AbandonedCalls {
  const moment = () => ({ atMs: clock.monotonicMs(), wallClockMs: clock.nowMs() })
  const start = moment()
  const here = new Set<AgentId>()
  const gone = new Map<AgentId, ReturnType<typeof moment>>()
  let looking: Promise<void> = Promise.resolve()
  let cancel: () => void = () => undefined

  const presumed = (call: BoardCall): BoardCall | undefined => {
    if (call.agentId === undefined || here.has(call.agentId)) return undefined
    const { atMs, wallClockMs } = gone.get(call.agentId) ?? start
    const away = { forMs: clock.monotonicMs() - atMs, sinceMs: wallClockMs }
    return presumeOver(call, away, clock.nowMs(), tuning)
  }
  const look = async () => {
    for (const call of calls.list()) {
      if (!presumed(call)) continue
      try {
        // Asked once more in its turn: the agent may have come back, and said how it stands.
        const now = await calls.conclude(call.callId, (one) => presumed(one) ?? one)
        if (now?.presumedOverAtMs !== undefined) onPresumed(now)
      } catch (error) {
        onFailure(error)
      }
    }
    // Away for longer than anything asks for: what is left out counts from the start, which is longer still.
    for (const [agentId, { atMs }] of gone)
      if (clock.monotonicMs() - atMs > tuning.aloneMs + tuning.afterPbxMs) gone.delete(agentId)
  }
  const schedule = () => {
    cancel = clock.after(tuning.lookMs, () => {
      looking = look().then(schedule)
    })
  }
  schedule()
  return {
    presence(agentId, online) {
      if (online) {
        here.add(agentId)
        gone.delete(agentId)
      } else if (here.delete(agentId)) gone.set(agentId, moment())
    },
    async stop() {
      cancel()
      await looking
      cancel()
    },
  }
}
