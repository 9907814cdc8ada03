import {
  draft as draftSchema,
  draftChanges,
  draftDecision,
  draftFields,
  count,
  wallClockMs,
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
  isSame,
  leadOf,
  openFields,
  pick,
  withoutUndefined,
  type FieldName,
} from './changedFields.ts'

export type RefusalReason = Extract<HubToAgent, { kind: 'draft-refused' }>['reason']

const choice = z.object({
  decision: draftDecision,
  /** By this PC's wall clock, for showing. */
  madeAtMs: wallClockMs,
  /** What the technician saw when deciding: the decision is about that. */
  seen: z.object({ revision: count, at: z.string().max(20), fields: draftFields }),
  /** It could not be sent at once, or was on its way when the link ended. */
  kept: z.boolean(),
  /** The draft is another one than the technician decided on: decide again. */
  needsConfirmation: z.boolean(),
})
export type Choice = z.infer<typeof choice>

const stage = z.union([
  /** For the hub, or for its word on how the draft stands. */
  z.object({ at: z.literal('waiting') }),
  z.object({ at: z.literal('sending'), what: z.literal('changes'), baseRevision: count, sent: draftChanges }),
  z.object({ at: z.literal('sending'), what: z.literal('choice'), baseRevision: count }),
  /** For the technician: `conflictsOf` and `choice.asks` say what about. */
  z.object({ at: z.literal('needs-answer') }),
  /** The hub will not take it. It is kept until the technician has seen it. */
  z.object({
    at: z.literal('undelivered'),
    why: z.enum(['unknown-draft', 'stale-revision', 'too-late', 'not-now']),
  }),
])

/** What a technician wants of one draft and the hub has not accepted yet. */
export const pendingChangeSchema = z.object({
  /** As the hub last told it. */
  draft: draftSchema,
  changes: draftChanges,
  /** The hub's words that `changes` were typed over, field by field. */
  was: draftChanges,
  choice: choice.optional(),
  stage,
  /** How often the hub said that the draft had changed meanwhile. */
  rebased: count,
})
export type PendingChange = z.infer<typeof pendingChangeSchema>

export interface ChangeStep {
  /** undefined: the hub has accepted all of it. */
  readonly pending: PendingChange | undefined
  readonly send?: AgentToHub
  /** To be shown on the card: a decision made just now that the hub did not carry out. */
  readonly refused?: RefusalReason
}

/** The hub's draft grows while somebody types into it: their words win so often, then they are asked. */
const MAX_OVERWRITES = 3
/** A hub that says 'stale' to everything: a person must look. */
const MAX_REBASES = 12
/** Waiting for a technician's eyes, with nothing decided: the hub goes from one to the other by itself. */
const COUNTS: readonly string[] = ['proposed', 'countdown']

/** New words over whatever was wanted before. */
export function withEdit(
  given: PendingChange | undefined,
  draft: Draft,
  changes: DraftChanges,
): PendingChange {
  // A decision on its way is the hub's: words do not wait for its answer, and typing on means to decide again.
  const before = given?.stage.at === 'sending' && given.stage.what === 'choice' ? withoutChoice(given) : given
  const set = withoutUndefined(changes)
  const asked = before?.stage.at === 'needs-answer' ? conflictsOf(before, draft) : []
  const fresh = fieldsOf(set).filter(
    (field) => before?.changes[field] === undefined || asked.includes(field), // typing on answers the question
  )
  return {
    ...(before ?? { draft, was: {}, rebased: 0 }),
    draft,
    changes: { ...before?.changes, ...set },
    was: { ...before?.was, ...pick(draft.fields, fresh) },
    stage: before?.stage.at === 'sending' ? before.stage : { at: 'waiting' },
    rebased: 0,
  }
}

/** A decision; it takes the place of an earlier one that the hub has not accepted. */
export function withDecision(
  before: PendingChange | undefined,
  draft: Draft,
  made: Pick<Choice, 'decision' | 'madeAtMs' | 'kept'>,
): PendingChange {
  const base = before ?? { draft, changes: {}, was: {}, rebased: 0, stage: { at: 'waiting' as const } }
  const typing = before?.stage.at === 'sending' && before.stage.what === 'changes'
  const { revision, state } = draft
  const fields = { ...draft.fields, ...withoutUndefined(base.changes) }
  return {
    ...base,
    draft,
    choice: { ...made, seen: { revision, at: state.at, fields }, needsConfirmation: false },
    stage: typing ? before.stage : { at: 'waiting' },
  }
}

/** What to do now that the hub is there and `draft` is how it stands. */
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

/** The link is there again and the hub has said how the draft stands: a decision made before is judged first. */
export function reconcile(pending: PendingChange, draft: Draft): ChangeStep {
  const { choice: made } = pending
  if (!made || isFulfilled(made.decision, draft)) return advance(pending, draft)
  if (made.decision.kind === 'resume') return advance(withoutChoice(pending), draft)
  const needsConfirmation = made.needsConfirmation || !mayCarryOut(made, draft, pending.changes)
  return advance({ ...pending, choice: { ...made, kept: true, needsConfirmation } }, draft)
}

/** The hub told a newer draft while the link stood. */
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
  // The refusal of what is on its way follows, if this snapshot came about otherwise.
  const hasArrived = openFields({ changes: stage.sent }, draft).length === 0
  if (!hasArrived && !isDecided(draft)) return { pending: { ...pending, draft } }
  const { choice: made } = pending
  // Our own words made it another draft: the decision is about that one.
  const seen = made && { ...made.seen, revision: draft.revision, at: draft.state.at }
  const was = hasArrived ? { ...pending.was, ...stage.sent } : pending.was // typed on meanwhile: over what has arrived
  return advance(
    { ...pending, was, rebased: 0, ...(made && seen ? { choice: { ...made, seen } } : {}) },
    draft,
  )
}

/** The hub did not do what was sent. */
export function applyRefusal(
  pending: PendingChange,
  reason: RefusalReason,
  draft: Draft | undefined,
): ChangeStep {
  const { stage, choice: made } = pending
  const updated = { ...pending, draft: draft ?? pending.draft }
  // Words are never refused so: it is about a decision before them.
  const isAboutBefore = stage.at === 'sending' && stage.what === 'changes' && reason === 'not-now'
  if (stage.at !== 'sending' || isAboutBefore) return { pending: updated, refused: reason }
  if (reason === 'stale-revision' && draft && stage.what === 'changes') {
    const rebased = pending.rebased + 1
    if (rebased > MAX_REBASES) return { pending: { ...updated, stage: { at: 'undelivered', why: reason } } }
    // The link stood: the technician saw the draft grow while typing, so these words count.
    const overwrites = rebased <= MAX_OVERWRITES ? pick(draft.fields, fieldsOf(stage.sent)) : {}
    return advance({ ...updated, rebased, was: { ...pending.was, ...overwrites } }, draft)
  }
  if (stage.what === 'changes') return { pending: { ...updated, stage: { at: 'undelivered', why: reason } } }
  if (made && draft && isFulfilled(made.decision, draft)) return advance(withoutChoice(updated), draft)
  if (made?.kept) return { pending: { ...updated, stage: { at: 'undelivered', why: reason } } }
  const left = advance(withoutChoice(updated), draft ?? pending.draft)
  return { ...left, refused: reason }
}

/** The technician's answer to a question, or 'seen' to what could not be delivered. */
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

/** Nothing of it is left to do for anybody. */
export const isDecided = ({ state }: Pick<Draft, 'state'>): boolean =>
  state.at === 'filed' || state.at === 'discarded'

/**
 * A decision made while the hub was away is carried out only on the draft that was seen: 'file' an hour ago is not 'file'
 * of what was parked or rewritten since. Holding is always safe; discarding and undoing keep a ticket from being filed.
 */
function mayCarryOut({ decision, seen }: Choice, draft: Draft, changes: DraftChanges): boolean {
  const { at: stage } = draft.state
  if (decision.kind === 'hold' || draft.revision === seen.revision) return true
  if (decision.kind === 'undo') return stage === 'filing'
  if (decision.kind === 'discard') return ['collecting', ...COUNTS, 'filing'].includes(stage)
  const shown = { ...draft.fields, ...withoutUndefined(changes) }
  return COUNTS.includes(stage) && COUNTS.includes(seen.at) && isSame(shown, seen.fields)
}

/** Nothing of it needs doing any more, whoever did it. */
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

/** It was sent on `baseRevision`, and this draft came of it. */
function isCarriedOut(decision: DraftDecision, draft: Draft, baseRevision: number): boolean {
  if (draft.revision <= baseRevision) return false
  // A ticket that is blocked again was sent again.
  return isFulfilled(decision, draft) || (decision.kind === 'file' && draft.state.at === 'blocked')
}

/** Nothing is filed while somebody is asked. */
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

const pickBoth = ({ changes, was }: PendingChange, fields: readonly FieldName[]) => ({
  changes: pick(changes, fields),
  was: pick(was, fields),
})
