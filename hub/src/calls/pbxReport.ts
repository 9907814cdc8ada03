import type { Direction } from '@3cx-ninja/protocol'

/** One extension's part in a call, as a webhook names it. */
interface ReportedParty {
  /** The agent's; the queue's where nobody answered in it. */
  readonly extension: string
  readonly direction: Direction
  readonly remoteNumber?: string
  readonly remoteName?: string
  /** The sender's own id of the call: middleware may have one, 3CX has none. */
  readonly senderCallId?: string
}

/** The report of the PBX after a call: no call id, one extension. */
export interface PbxReport extends ReportedParty {
  readonly missed: boolean
  readonly startedAtMs?: number
  readonly endedAtMs: number
  /** The end was in the report, and is not the time of its arrival. */
  readonly isEndReported?: boolean
}

/** The report of middleware that a call rings or is talked. It never ends a call. */
export interface PbxStart extends ReportedParty {
  readonly state: 'ringing' | 'talking'
  readonly startedAtMs: number
}

/** Receives what the hub did otherwise than the report said, as a sentence for the history of webhooks. */
export type OnRemark = (sentence: string) => void
