import type { AgentId, Clock } from '@3cx-ninja/protocol'
import type { Log } from '../observe/log.ts'
import { socketsTuning } from './tuning.ts'

/** What an agent asked of a thing that is not its own; each is an event of the log. */
export type ForeignRequest =
  | 'call.report-of-another-refused'
  | 'call.recording-of-another-dropped'
  | 'recording.erase-of-another-refused'
  | 'recording.part-of-another-refused'

/** What agents asked of things that are not theirs: an administrator sees it, and no agent can fill the log with it. */
export interface ForeignRequests {
  /** Writes the request to the log, or counts it for the next line of this agent about such a request. */
  note(event: ForeignRequest, agentId: AgentId, fields: object): void
}

interface Noted {
  readonly atMs: number
  unwritten: number
}

/** Creates the notes: one line per agent and kind of request in `foreignLineMs`, with how many were left out before it. */
export function createForeignRequests({ clock, log }: { clock: Clock; log: Log }): ForeignRequests {
  const noted = new Map<string, Noted>()
  const { foreignLineMs } = socketsTuning
  const forgetOld = (nowMs: number) => {
    for (const [key, { atMs, unwritten }] of noted)
      if (unwritten === 0 && nowMs - atMs >= foreignLineMs) noted.delete(key)
  }
  return {
    note(event, agentId, fields) {
      const nowMs = clock.monotonicMs()
      const key = `${event} ${agentId}`
      const last = noted.get(key)
      if (last && nowMs - last.atMs < foreignLineMs) return void (last.unwritten += 1)
      forgetOld(nowMs)
      noted.set(key, { atMs: nowMs, unwritten: 0 })
      log.warn({ agentId, ...fields, ...(last?.unwritten ? { leftOut: last.unwritten } : {}) }, event)
    },
  }
}
