import type { KeyedLanes } from '@3cx-ninja/node-kit/keyedLanes.ts'
import type { AgentId, CallId, Clock, Draft, DraftId } from '@3cx-ninja/protocol'
import type { Helpdesk } from '../helpdesk/helpdesk.ts'
import type { Analyse } from './analysis/analysis.ts'
import type { DraftCache, DraftStore } from './draftCache.ts'
import type { DraftRules } from './draftMachine.ts'
import type { DraftRecord } from './draftRecord.ts'
import type { Outbox } from './outbox/ports.ts'
import type { TicketTexts } from './texts/ticketTexts.ts'
import type { Transcribed } from './transcribed.ts'
import type { TimedUtterance } from './writes.ts'

export interface DraftsNeeds {
  readonly store: DraftStore
  readonly outbox: Outbox
  readonly helpdesk: Pick<Helpdesk, 'directory' | 'organizationForUnknown' | 'capabilities'>
  readonly clock: Clock
  readonly newId: () => string
  readonly rules: DraftRules
  /** After hang-up a draft waits this long for its transcript. */
  readonly maxWaitMs: number
  readonly analyse: Analyse
  /** Phrases of the site's language as set now. */
  readonly texts: () => TicketTexts
  readonly utterancesOf: (callId: CallId) => Promise<readonly TimedUtterance[]>
  readonly onFailure: (event: string, error: unknown) => void
}

/** Everything that the drafts hold in memory; each function beside drafts.ts acts on it. */
export interface DraftsState {
  readonly needs: DraftsNeeds
  readonly cache: DraftCache
  /** Changes by the clock and by calls, some of each agent at once; null: of calls without an agent. */
  readonly lanes: KeyedLanes<AgentId | null>
  /** Drafts whose card is on a screen now. Rule D2. */
  readonly seen: Set<DraftId>
  /** Next tick of each draft. */
  readonly timers: Map<DraftId, () => void>
  /** Collecting drafts whose next live update is due soon. */
  readonly liveUpdates: Map<CallId, () => void>
  /** Changes that wait to be stored again. */
  readonly retries: Set<() => void>
  readonly transcribed: Transcribed
  /** The call that continues another one, by that one's id. */
  readonly heirs: Map<CallId, CallId>
  readonly proposedListeners: Set<(afterMs: number) => void>
  /** Acts when a draft's time has come; set by drafts.ts. */
  onDue: (record: DraftRecord) => Promise<unknown>
  isStopped: boolean
}

export type RequestOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly reason: 'unknown-draft' | 'stale-revision' | 'too-late' | 'not-now'
      /** The draft as the hub has it. */
      readonly draft?: Draft
    }
