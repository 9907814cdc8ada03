import {
  count,
  draft as draftSchema,
  draftChanges,
  draftDecision,
  draftFields,
  wallClockMs,
  withoutUndefined,
  type AgentToHub,
  type Draft,
  type DraftChanges,
  type DraftDecision,
  type HubToAgent,
} from '@3cx-ninja/protocol'
import { z } from 'zod'
import {
  conflictsOf,
  fieldsOf,
  isDecided,
  isSame,
  leadOf,
  openFields,
  pick,
  pickBoth,
  type FieldName,
} from './changedFields.ts'

export type RefusalReason = Extract<HubToAgent, { kind: 'draft-refused' }>['reason']

const choice = z.object({
  decision: draftDecision,
  /** Time of the decision by this PC's wall clock; only the screen uses it. */
  madeAtMs: wallClockMs,
  /** The draft as the technician saw it when deciding: the decision applies to that draft only. */
  seen: z.object({ revision: count, at: z.string().max(20), fields: draftFields }),
  /** True when the decision could not be sent at once, or was on its way when the link ended. */
  kept: z.boolean(),
  /** True when the draft differs from the one that the technician decided on: the technician decides again. */
  needsConfirmation: z.boolean(),
})
export type Choice = z.infer<typeof choice>

/**
 * Stages of a pending change. `waiting` ends when the hub is reachable; `sending` ends with the hub's next snapshot or refusal;
 * `needs-answer` ends with the technician's answer; `undelivered` ends when the technician has read it. The change itself ends
 * once the hub has accepted all of it.
 */
const stage = z.union([
  /** The change waits for the hub, or for the hub's state of the draft. */
  z.object({ at: z.literal('waiting') }),
  z.object({ at: z.literal('sending'), what: z.literal('changes'), baseRevision: count, sent: draftChanges }),
  z.object({ at: z.literal('sending'), what: z.literal('choice'), baseRevision: count }),
  /** The change waits for the technician; `conflictsOf` and `choice.needsConfirmation` name the questions. */
  z.object({ at: z.literal('needs-answer') }),
  /** The hub will not accept the change. It stays until the technician has read the reason. */
  z.object({
    at: z.literal('undelivered'),
    why: z.enum(['unknown-draft', 'stale-revision', 'too-late', 'not-now']),
  }),
])

/** Edits and a decision that the hub has not accepted yet. Knows no sockets and disks: see draftController, pendingChangeStore. */
export const pendingChangeSchema = z.object({
  /** The draft as last received from the hub. */
  draft: draftSchema,
  changes: draftChanges,
  /** The hub's words that `changes` were typed over, field by field. */
  was: draftChanges,
  choice: choice.optional(),
  stage,
  /** How often the hub refused the edits because the draft had changed meanwhile. */
  rebased: count,
})
export type PendingChange = z.infer<typeof pendingChangeSchema>

export interface ChangeStep {
  /** Undefined once the hub has accepted the whole change. */
  readonly pending: PendingChange | undefined
  readonly send?: AgentToHub
  /** Why the hub did not carry out a decision made just now; the card shows it. */
  readonly refused?: RefusalReason
}

/** The hub's draft grows while the technician types: the typed words win this often, then the technician is asked. */
const MAX_OVERWRITES = 3
/** A hub that answers 'stale' to everything needs a person: the change is given up after this many attempts. */
const MAX_REBASES = 12
/** States in which a draft waits to be seen; the hub changes between them by itself. */
const COUNTS: readonly string[] = ['proposed', 'countdown']

/** Returns the pending change with these edits on top of the earlier ones. */
export function withEdit(
  previous: PendingChange | undefined,
  draft: Draft,
  changes: DraftChanges,
): PendingChange {
  // A decision on its way belongs to the hub: edits do not wait for the answer, and typing on means to decide again.
  const base =
    previous?.stage.at === 'sending' && previous.stage.what === 'choice' ? withoutChoice(previous) : previous
  const set = withoutUndefined(changes)
  const asked = base?.stage.at === 'needs-answer' ? conflictsOf(base, draft) : []
  const fresh = fieldsOf(set).filter(
    (field) => base?.changes[field] === undefined || asked.includes(field), // typing on answers the question
  )
  return {
    ...(base ?? { draft, was: {}, rebased: 0 }),
    draft,
    changes: { ...base?.changes, ...set },
    was: { ...base?.was, ...pick(draft.fields, fresh) },
    stage: base?.stage.at === 'sending' ? base.stage : { at: 'waiting' },
    rebased: 0,
  }
}

/** Returns the pending change with this decision in place of an earlier one that the hub has not accepted. */
export function withDecision(
  previous: PendingChange | undefined,
  draft: Draft,
  made: Pick<Choice, 'decision' | 'madeAtMs' | 'kept'>,
): PendingChange {
  const base = previous ?? { draft, changes: {}, was: {}, rebased: 0, stage: { at: 'waiting' as const } }
  const typing = previous?.stage.at === 'sending' && previous.stage.what === 'changes'
  const { revision, state } = draft
  const fields = { ...draft.fields, ...withoutUndefined(base.changes) }
  return {
    ...base,
    draft,
    choice: { ...made, seen: { revision, at: state.at, fields }, needsConfirmation: false },
    stage: typing ? previous.stage : { at: 'waiting' },
  }
}

/** Returns the next step while the hub is reachable and `draft` is its newest state: edits go first, then the decision. */
export function advance(pending: PendingChange, draft: Draft): ChangeStep {
  const { draftId, revision: baseRevision } = draft
  const open = openFields(pending, draft)
  const remaining = { ...pending, draft, ...pickBoth(pending, open) }
  if (remaining.choice && isFulfilled(remaining.choice.decision, draft)) delete remaining.choice
  if (open.length === 0 && !remaining.choice) return { pending: undefined }
  if (isDecided(draft)) return { pending: { ...remaining, stage: { at: 'undelivered', why: 'too-late' } } }
  const conflicts = conflictsOf(remaining, draft)
  const ready = open.filter((field) => !conflicts.includes(field))
  if (ready.length > 0) {
    const changes = pick(remaining.changes, ready)
    return {
      pending: { ...remaining, stage: { at: 'sending', what: 'changes', baseRevision, sent: changes } },
      send: { kind: 'draft-edit', draftId, baseRevision, changes },
    }
  }
  if (conflicts.length > 0 || remaining.choice?.needsConfirmation) return ask(remaining, draft)
  if (!remaining.choice) return { pending: undefined }
  return {
    pending: { ...remaining, stage: { at: 'sending', what: 'choice', baseRevision } },
    send: { kind: 'draft-decide', draftId, baseRevision, decision: remaining.choice.decision },
  }
}

/** Returns the next step after a reconnect, once the hub has sent the draft's state: an earlier decision is checked against it first. */
export function reconcile(pending: PendingChange, draft: Draft): ChangeStep {
  const { choice: made } = pending
  if (!made || isFulfilled(made.decision, draft)) return advance(pending, draft)
  if (made.decision.kind === 'resume') return advance(withoutChoice(pending), draft)
  const needsConfirmation = made.needsConfirmation || !mayCarryOut(made, draft, pending.changes)
  return advance({ ...pending, choice: { ...made, kept: true, needsConfirmation } }, draft)
}

/** Returns the next step after the hub sent a newer draft over an open link. */
export function followDraft(pending: PendingChange, draft: Draft): ChangeStep {
  const { stage } = pending
  if (stage.at === 'undelivered') {
    const arrived = openFields(pending, draft).length === 0 && !pending.choice
    return { pending: arrived ? undefined : { ...pending, draft } }
  }
  if (stage.at !== 'sending') return advance(pending, draft)
  if (stage.what === 'choice') {
    const done = pending.choice && isCarriedOut(pending.choice.decision, draft, stage.baseRevision)
    return done || isDecided(draft)
      ? advance(done ? withoutChoice(pending) : pending, draft)
      : { pending: { ...pending, draft } }
  }
  // If another change produced this snapshot, the refusal of the change on its way follows.
  const hasArrived = openFields({ changes: stage.sent }, draft).length === 0
  if (!hasArrived && !isDecided(draft)) return { pending: { ...pending, draft } }
  const { choice: made } = pending
  // This technician's own edits produced the new revision: the decision applies to it.
  const seen = made && { ...made.seen, revision: draft.revision, at: draft.state.at }
  const was = hasArrived ? { ...pending.was, ...stage.sent } : pending.was // later typing is on top of what has arrived
  return advance(
    { ...pending, was, rebased: 0, ...(made && seen ? { choice: { ...made, seen } } : {}) },
    draft,
  )
}

/** Returns the next step after the hub refused what was sent. */
export function applyRefusal(
  pending: PendingChange,
  reason: RefusalReason,
  draft: Draft | undefined,
): ChangeStep {
  const { stage, choice: made } = pending
  const updated = { ...pending, draft: draft ?? pending.draft }
  // The hub never refuses an edit with 'not-now': the refusal belongs to an earlier decision.
  const isAboutBefore = stage.at === 'sending' && stage.what === 'changes' && reason === 'not-now'
  if (stage.at !== 'sending' || isAboutBefore) return { pending: updated, refused: reason }
  if (reason === 'stale-revision' && draft && stage.what === 'changes') {
    const rebased = pending.rebased + 1
    if (rebased > MAX_REBASES) return { pending: { ...updated, stage: { at: 'undelivered', why: reason } } }
    // Over an open link the technician saw the draft grow while typing, so the typed words count.
    const overwrites = rebased <= MAX_OVERWRITES ? pick(draft.fields, fieldsOf(stage.sent)) : {}
    return advance({ ...updated, rebased, was: { ...pending.was, ...overwrites } }, draft)
  }
  if (stage.what === 'changes') return { pending: { ...updated, stage: { at: 'undelivered', why: reason } } }
  if (made && draft && isFulfilled(made.decision, draft)) return advance(withoutChoice(updated), draft)
  if (made?.kept) return { pending: { ...updated, stage: { at: 'undelivered', why: reason } } }
  const left = advance(withoutChoice(updated), draft ?? pending.draft)
  return { ...left, refused: reason }
}

/** The technician's answer to a question; `undelivered` confirms that the reason of a failed delivery was read. */
export type ChangeAnswer =
  | { readonly kind: 'field'; readonly field: FieldName; readonly resolution: 'mine' | 'hub' }
  | { readonly kind: 'decision'; readonly resolution: 'again' | 'drop' }
  | { readonly kind: 'undelivered' }

export function applyAnswer(
  pending: PendingChange,
  draft: Draft,
  answer: ChangeAnswer,
): PendingChange | undefined {
  switch (answer.kind) {
    case 'undelivered':
      return pending.stage.at === 'undelivered' ? undefined : pending
    case 'decision': {
      if (!pending.choice) return pending
      if (answer.resolution === 'drop') return keptIfAny(withoutChoice(pending))
      const { decision, madeAtMs } = pending.choice
      return withDecision(pending, draft, { decision, madeAtMs, kept: true })
    }
    case 'field': {
      const about = fieldsOf(pending.changes).filter((each) => leadOf(each, pending.changes) === answer.field)
      if (answer.resolution === 'mine')
        return { ...pending, was: { ...pending.was, ...pick(draft.fields, about) } }
      const left = fieldsOf(pending.changes).filter((each) => !about.includes(each))
      return keptIfAny({ ...pending, ...pickBoth(pending, left) })
    }
  }
}

/**
 * Returns whether a decision made while the hub was away may be carried out on today's draft. It may only on the draft that was
 * seen: 'file' an hour ago is not 'file' of a draft that was parked or rewritten since. Holding is always safe; discarding and
 * undoing keep a ticket from being filed.
 */
function mayCarryOut({ decision, seen }: Choice, draft: Draft, changes: DraftChanges): boolean {
  const { at: stage } = draft.state
  if (decision.kind === 'hold' || draft.revision === seen.revision) return true
  if (decision.kind === 'undo') return stage === 'filing'
  if (decision.kind === 'discard') return ['collecting', ...COUNTS, 'filing'].includes(stage)
  const shown = { ...draft.fields, ...withoutUndefined(changes) }
  return COUNTS.includes(stage) && COUNTS.includes(seen.at) && isSame(shown, seen.fields)
}

/** Returns whether the draft's state already is the outcome of the decision, no matter which agent decided. */
function isFulfilled({ kind: decision }: DraftDecision, { state: { at: stage } }: Draft): boolean {
  switch (decision) {
    case 'file':
      return stage === 'filing' || stage === 'filed'
    case 'hold':
    case 'undo':
      return stage === 'held' || stage === 'parked'
    case 'resume':
      return stage === 'countdown' || stage === 'filing' || stage === 'filed'
    case 'discard':
      return stage === 'discarded'
  }
}

/** Returns whether this draft is the outcome of the decision that was sent on `baseRevision`. */
function isCarriedOut(decision: DraftDecision, draft: Draft, baseRevision: number): boolean {
  if (draft.revision <= baseRevision) return false
  // A ticket that is blocked again was sent again.
  return isFulfilled(decision, draft) || (decision.kind === 'file' && draft.state.at === 'blocked')
}

/** Asks the technician, and holds a running countdown: nothing is filed while a question is open. */
function ask(pending: PendingChange, { draftId, revision: baseRevision, state }: Draft): ChangeStep {
  const asking: PendingChange = { ...pending, stage: { at: 'needs-answer' } }
  if (state.at !== 'countdown' && state.at !== 'filing') return { pending: asking }
  return {
    pending: asking,
    send: { kind: 'draft-decide', draftId, baseRevision, decision: { kind: 'hold' } },
  }
}

function withoutChoice({ choice: _dropped, ...rest }: PendingChange): PendingChange {
  return { ...rest, stage: { at: 'waiting' } }
}
const keptIfAny = (pending: PendingChange): PendingChange | undefined =>
  fieldsOf(pending.changes).length > 0 || pending.choice ? pending : undefined
