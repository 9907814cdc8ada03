import type { AgentId, CallId, Clock, Draft, DraftChanges, DraftDecision, DraftId } from '@3cx-ninja/protocol'
import type { DraftEvent } from './draftMachine.ts'
import { draftAsSent, type DraftRecord } from './draftRecord.ts'
import type { DraftShelf } from './draftShelf.ts'
import type { Outbox } from './outbox/ports.ts'
import { ticketBodyOf } from './writes.ts'

export type WishOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly reason: 'unknown-draft' | 'stale-revision' | 'too-late' | 'not-now'
      readonly draft?: Draft
    }

export interface Wishes {
  edit(agentId: AgentId, draftId: DraftId, baseRevision: number, changes: DraftChanges): Promise<WishOutcome>
  decide(
    agentId: AgentId,
    draftId: DraftId,
    baseRevision: number,
    choice: DraftDecision,
  ): Promise<WishOutcome>
}

export interface WishesNeeds {
  readonly shelf: DraftShelf
  readonly outbox: Outbox
  readonly clock: Clock
  readonly organizationForUnknown: string | null
  readonly apply: (callId: CallId, event: DraftEvent, change?: Partial<DraftRecord>) => Promise<WishOutcome>
}

/** What technicians ask of a draft. Rules D3 to D5. */
export function createWishes({ shelf, outbox, clock, apply, organizationForUnknown }: WishesNeeds): Wishes {
  const refuse = (record: DraftRecord, reason: 'stale-revision' | 'too-late' | 'not-now'): WishOutcome => ({
    ok: false,
    reason,
    draft: draftAsSent(record, clock.nowMs()),
  })

  const wish = (
    agentId: AgentId,
    draftId: DraftId,
    act: (record: DraftRecord) => Promise<WishOutcome>,
  ): Promise<WishOutcome> => {
    const known = shelf.get(draftId)
    if (known?.agentId !== agentId) return Promise.resolve({ ok: false, reason: 'unknown-draft' })
    return shelf.inTurn(known.draft.callId, () => act(shelf.get(draftId) ?? known))
  }

  /** Its ticket waits in the outbox for this technician: sent again as corrected, or given up. */
  const decideBlocked = async (record: DraftRecord, choice: DraftDecision): Promise<WishOutcome> => {
    const { callId, draftId } = record.draft
    if (choice.kind === 'discard') {
      if (!(await outbox.withdraw(draftId))) return refuse(record, 'too-late')
      return apply(callId, { kind: 'withdrawn', reason: choice.reason, note: choice.note })
    }
    if (choice.kind !== 'file') return refuse(record, 'not-now')
    const body = ticketBodyOf(record, organizationForUnknown)
    if (!(await outbox.correct(draftId, body, 'go-on'))) return refuse(record, 'not-now')
    return apply(callId, { kind: 'unblocked' })
  }

  return {
    edit: (agentId, draftId, baseRevision, changes) =>
      wish(agentId, draftId, async (record) => {
        if (record.draft.revision !== baseRevision) return refuse(record, 'stale-revision')
        const set = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
        const draft = { ...record.draft, fields: { ...record.draft.fields, ...set } }
        const change = { draft, edited: { ...record.edited, ...set } }
        if (record.place.state.at === 'blocked') {
          const body = ticketBodyOf({ ...record, ...change }, organizationForUnknown)
          if (!(await outbox.correct(draftId, body, 'wait'))) return refuse(record, 'too-late') // on its way right now
        }
        return apply(draft.callId, { kind: 'edited', changes }, change)
      }),
    // A decision is judged by the state alone: holding or undoing must not fail because text came in meanwhile.
    decide: (agentId, draftId, _baseRevision, choice) =>
      wish(agentId, draftId, (record) =>
        record.place.state.at === 'blocked'
          ? decideBlocked(record, choice)
          : apply(record.draft.callId, { kind: 'decided', choice }),
      ),
  }
}
