import type { AgentId, BoardCall, Clock } from '@3cx-ninja/protocol'
import type { Calls } from './calls.ts'
import { abandonedTuning, presumeOver, type AbandonedTuning } from './presumeOver.ts'

export interface AbandonedCalls {
  /** Records that the agent's link opened or ended. */
  presence(agentId: AgentId, online: boolean): void
  /** Ends the sweeps. Resolves once the running one has settled; never rejects. */
  stop(): Promise<void>
}

/**
 * Ends calls on the board that nobody else will end: those whose agent died in mid-call. An agent is away from the end of its
 * link, or from this start of the hub, until its next link; a conclusion is stored with the call, so it holds over a restart.
 * Knows nothing of links: sockets/ reports them.
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
  /** Called when a conclusion could not be stored; the next sweep retries it. */
  readonly onFailure: (error: unknown) => void
}): AbandonedCalls {
  const moment = () => ({ atMs: clock.monotonicMs(), wallClockMs: clock.nowMs() })
  const start = moment()
  const online = new Set<AgentId>()
  const away = new Map<AgentId, ReturnType<typeof moment>>()
  let sweeping: Promise<void> = Promise.resolve()
  let cancel: () => void = () => undefined

  const presumed = (call: BoardCall): BoardCall | undefined => {
    if (call.agentId === undefined || online.has(call.agentId)) return undefined
    const { atMs, wallClockMs } = away.get(call.agentId) ?? start
    const absence = { forMs: clock.monotonicMs() - atMs, sinceMs: wallClockMs }
    return presumeOver(call, absence, clock.nowMs(), tuning)
  }
  const sweep = async () => {
    for (const call of calls.list()) {
      if (!presumed(call)) continue
      try {
        // Checked again in turn with the facts: the agent may have come back and reported the call.
        const now = await calls.conclude(call.callId, (one) => presumed(one) ?? one)
        if (now?.presumedOverAtMs !== undefined) onPresumed(now)
      } catch (error) {
        onFailure(error)
      }
    }
    // Longer away than any limit: an agent that is no longer in the map counts from the start, which is longer still.
    for (const [agentId, { atMs }] of away)
      if (clock.monotonicMs() - atMs > tuning.aloneMs + tuning.afterPbxMs) away.delete(agentId)
  }
  const schedule = () => {
    cancel = clock.after(tuning.sweepMs, () => {
      sweeping = sweep().then(schedule)
    })
  }
  schedule()
  return {
    presence(agentId, isOnline) {
      if (isOnline) {
        online.add(agentId)
        away.delete(agentId)
      } else if (online.delete(agentId)) away.set(agentId, moment())
    },
    async stop() {
      cancel()
      await sweeping
      cancel()
    },
  }
}
