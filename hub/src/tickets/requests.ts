import type { AgentId, DraftChanges, DraftDecision, DraftId } from '@3cx-ninja/protocol'
import { draftAsSent, type DraftRecord } from './draftRecord.ts'
import type { DraftsState, RequestOutcome } from './draftsState.ts'
import { applyEvent } from './draftSteps.ts'
import { resolveNames } from './resolveNames.ts'
import { writeContext } from './saveDraft.ts'
import { ticketBodyOf } from './writes.ts'

// What technicians ask of a draft. Rules D3 to D5.

export interface Requests {
  /** Changes fields of a draft at this revision. Resolves with a refusal and the hub's draft; rejects when the store does. */
  edit(
    agentId: AgentId,
    draftId: DraftId,
    baseRevision: number,
    changes: DraftChanges,
  ): Promise<RequestOutcome>
  /** Decides a draft by its state alone: a hold or an undo must not fail because text came in meanwhile. */
  decide(
    agentId: AgentId,
    draftId: DraftId,
    baseRevision: number,
    choice: DraftDecision,
  ): Promise<RequestOutcome>
}

/** Returns the requests over the drafts of this state, each call's one after the other. */
export function createRequests(state: DraftsState): Requests {
  const ownDraft = (
    agentId: AgentId,
    draftId: DraftId,
    act: (record: DraftRecord) => Promise<RequestOutcome>,
  ): Promise<RequestOutcome> => {
    const record = state.cache.get(draftId)
    if (record?.agentId !== agentId) return Promise.resolve({ ok: false, reason: 'unknown-draft' })
    return state.cache.serially(record.draft.callId, () => act(state.cache.get(draftId) ?? record))
  }
  return {
    edit: (agentId, draftId, baseRevision, changes) =>
      ownDraft(agentId, draftId, (record) => edit(state, record, baseRevision, changes)),
    decide: (agentId, draftId, _baseRevision, choice) =>
      ownDraft(agentId, draftId, (record) =>
        record.lifecycle.state.at === 'blocked'
          ? decideBlocked(state, record, choice)
          : applyEvent(state, record.draft.callId, { kind: 'decided', choice }),
      ),
  }
}

async function edit(
  state: DraftsState,
  record: DraftRecord,
  baseRevision: number,
  changes: DraftChanges,
): Promise<RequestOutcome> {
  if (record.draft.revision !== baseRevision) return refuse(state, record, 'stale-revision')
  const set = resolveNames(changes, record, state.needs.helpdesk)
  const draft = { ...record.draft, fields: { ...record.draft.fields, ...set } }
  const change = { draft, edited: { ...record.edited, ...set } }
  if (record.lifecycle.state.at === 'blocked') {
    const body = ticketBodyOf({ ...record, ...change }, writeContext(state))
    // Refused while the outbox sends this very ticket.
    if (!(await state.needs.outbox.correct(draft.draftId, body, 'wait')))
      return refuse(state, record, 'too-late')
  }
  return applyEvent(state, draft.callId, { kind: 'edited', changes: set }, change)
}

/** The ticket waits in the outbox for its technician: it is sent again as corrected, or given up. */
async function decideBlocked(
  state: DraftsState,
  record: DraftRecord,
  choice: DraftDecision,
): Promise<RequestOutcome> {
  const { outbox } = state.needs
  const { callId, draftId } = record.draft
  if (choice.kind === 'discard') {
    if (!(await outbox.withdraw(draftId))) return refuse(state, record, 'too-late')
    return applyEvent(state, callId, { kind: 'withdrawn', reason: choice.reason, note: choice.note })
  }
  if (choice.kind !== 'file') return refuse(state, record, 'not-now')
  const body = ticketBodyOf(record, writeContext(state))
  if (!(await outbox.correct(draftId, body, 'retry'))) return refuse(state, record, 'not-now')
  return applyEvent(state, callId, { kind: 'unblocked' })
}

function refuse(
  { needs }: DraftsState,
  record: DraftRecord,
  reason: 'stale-revision' | 'too-late' | 'not-now',
): RequestOutcome {
  return { ok: false, reason, draft: draftAsSent(record, needs.clock.nowMs()) }
}
