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
  asks: z.boolean(),
})
export type Choice = z.infer<typeof choice>

const stage = z.union([
  /** For the hub, or for its word on how the draft stands. */
  z.object({ at: z.literal('waiting') }),
  z.object({ at: z.literal('sending'), what: z.literal('changes'), baseRevision: count, sent: draftChanges }),
  z.object({ at: z.literal('sending'), what: z.literal('choice'), baseRevision: count }),
  /** For the technician: `conflictsOf` and `choice.asks` say what about. */
  z.object({ at: z.literal('asks') }),
  /** The hub will not take it. It is kept until the technician has seen it. */
  z.object({
    at: z.literal('undelivered'),
    why: z.enum(['unknown-draft', 'stale-revision', 'too-late', 'not-now']),
  }),
])

/** What a technician wants of one draft and the hub has not accepted yet. */
export const wishSchema = z.object({
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
export type Wish = z.infer<typeof wishSchema>

export interface WishStep {
  /** undefined: the hub has accepted all of it. */
  readonly wish: Wish | undefined
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
export function wantChanges(given: Wish | undefined, draft: Draft, changes: DraftChanges): Wish {
  // A decision on its way is the hub's: words do not wait for its answer, and typing on means to decide again.
  const before = given?.stage.at === 'sending' && given.stage.what === 'choice' ? withoutChoice(given) : given
  const set = withoutUndefined(changes)
  const asked = before?.stage.at === 'asks' ? conflictsOf(before, draft) : []
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
export function wantChoice(
  before: Wish | undefined,
  draft: Draft,
  made: Pick<Choice, 'decision' | 'madeAtMs' | 'kept'>,
): Wish {
  const base = before ?? { draft, changes: {}, was: {}, rebased: 0, stage: { at: 'waiting' as const } }
  const typing = before?.stage.at === 'sending' && before.stage.what === 'changes'
  const { revision, state } = draft
  const fields = { ...draft.fields, ...withoutUndefined(base.changes) }
  return {
    ...base,
    draft,
    choice: { ...made, seen: { revision, at: state.at, fields }, asks: false },
    stage: typing ? before.stage : { at: 'waiting' },
  }
}

/** What to do now that the hub is there and `draft` is how it stands. */
export function advance(wish: Wish, draft: Draft): WishStep {
  const { draftId, revision: baseRevision } = draft
  const open = openFields(wish, draft)
  const held = { ...wish, draft, ...pickBoth(wish, open) }
  if (held.choice && isFulfilled(held.choice.decision, draft)) delete held.choice
  if (open.length === 0 && !held.choice) return { wish: undefined }
  if (isDecided(draft)) return { wish: { ...held, stage: { at: 'undelivered', why: 'too-late' } } }
  const conflicts = conflictsOf(held, draft)
  const ready = open.filter((field) => !conflicts.includes(field))
  if (ready.length > 0) {
    const changes = pick(held.changes, ready)
    return {
      wish: { ...held, stage: { at: 'sending', what: 'changes', baseRevision, sent: changes } },
      send: { kind: 'draft-edit', draftId, baseRevision, changes },
    }
  }
  if (conflicts.length > 0 || held.choice?.asks) return ask(held, draft)
  if (!held.choice) return { wish: undefined }
  return {
    wish: { ...held, stage: { at: 'sending', what: 'choice', baseRevision } },
    send: { kind: 'draft-decide', draftId, baseRevision, decision: held.choice.decision },
  }
}

/** The link is there again and the hub has said how the draft stands: a decision made before is judged first. */
export function comeBack(wish: Wish, draft: Draft): WishStep {
  const { choice: made } = wish
  if (!made || isFulfilled(made.decision, draft)) return advance(wish, draft)
  if (made.decision.kind === 'resume') return advance(withoutChoice(wish), draft)
  const asks = made.asks || !mayCarryOut(made, draft, wish.changes)
  return advance({ ...wish, choice: { ...made, kept: true, asks } }, draft)
}

/** The hub told a newer draft while the link stood. */
export function sawDraft(wish: Wish, draft: Draft): WishStep {
  const { stage: at } = wish
  if (at.at === 'undelivered') {
    const arrived = openFields(wish, draft).length === 0 && !wish.choice
    return { wish: arrived ? undefined : { ...wish, draft } }
  }
  if (at.at !== 'sending') return advance(wish, draft)
  if (at.what === 'choice') {
    const done = wish.choice && isCarriedOut(wish.choice.decision, draft, at.baseRevision)
    return done || isDecided(draft)
      ? advance(done ? withoutChoice(wish) : wish, draft)
      : { wish: { ...wish, draft } }
  }
  // The refusal of what is on its way follows, if this snapshot came about otherwise.
  const hasArrived = openFields({ changes: at.sent }, draft).length === 0
  if (!hasArrived && !isDecided(draft)) return { wish: { ...wish, draft } }
  const { choice: made } = wish
  // Our own words made it another draft: the decision is about that one.
  const seen = made && { ...made.seen, revision: draft.revision, at: draft.state.at }
  const was = hasArrived ? { ...wish.was, ...at.sent } : wish.was // typed on meanwhile: over what has arrived
  return advance({ ...wish, was, rebased: 0, ...(made && seen ? { choice: { ...made, seen } } : {}) }, draft)
}

/** The hub did not do what was sent. */
export function sawRefusal(wish: Wish, reason: RefusalReason, draft: Draft | undefined): WishStep {
  const { stage: at, choice: made } = wish
  const known = { ...wish, draft: draft ?? wish.draft }
  // Words are never refused so: it is about a decision before them.
  const isAboutBefore = at.at === 'sending' && at.what === 'changes' && reason === 'not-now'
  if (at.at !== 'sending' || isAboutBefore) return { wish: known, refused: reason }
  if (reason === 'stale-revision' && draft && at.what === 'changes') {
    const rebased = wish.rebased + 1
    if (rebased > MAX_REBASES) return { wish: { ...known, stage: { at: 'undelivered', why: reason } } }
    // The link stood: the technician saw the draft grow while typing, so these words count.
    const overwrites = rebased <= MAX_OVERWRITES ? pick(draft.fields, fieldsOf(at.sent)) : {}
    return advance({ ...known, rebased, was: { ...wish.was, ...overwrites } }, draft)
  }
  if (at.what === 'changes') return { wish: { ...known, stage: { at: 'undelivered', why: reason } } }
  if (made && draft && isFulfilled(made.decision, draft)) return advance(withoutChoice(known), draft)
  if (made?.kept) return { wish: { ...known, stage: { at: 'undelivered', why: reason } } }
  const left = advance(withoutChoice(known), draft ?? wish.draft)
  return { ...left, refused: reason }
}

/** The technician's answer to a question, or 'seen' to what could not be delivered. */
export type WishAnswer =
  | { readonly about: 'field'; readonly field: FieldName; readonly use: 'mine' | 'hub' }
  | { readonly about: 'decision'; readonly use: 'again' | 'drop' }
  | { readonly about: 'undelivered' }

export function answerWish(wish: Wish, draft: Draft, answer: WishAnswer): Wish | undefined {
  switch (answer.about) {
    case 'undelivered':
      return wish.stage.at === 'undelivered' ? undefined : wish
    case 'decision': {
      if (!wish.choice) return wish
      if (answer.use === 'drop') return keptIfAny(withoutChoice(wish))
      const { decision, madeAtMs } = wish.choice
      return wantChoice(wish, draft, { decision, madeAtMs, kept: true })
    }
    case 'field': {
      const about = fieldsOf(wish.changes).filter((each) => leadOf(each, wish.changes) === answer.field)
      if (answer.use === 'mine') return { ...wish, was: { ...wish.was, ...pick(draft.fields, about) } }
      const left = fieldsOf(wish.changes).filter((each) => !about.includes(each))
      return keptIfAny({ ...wish, ...pickBoth(wish, left) })
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
  const { at } = draft.state
  if (decision.kind === 'hold' || draft.revision === seen.revision) return true
  if (decision.kind === 'undo') return at === 'filing'
  if (decision.kind === 'discard') return ['collecting', ...COUNTS, 'filing'].includes(at)
  const shown = { ...draft.fields, ...withoutUndefined(changes) }
  return COUNTS.includes(at) && COUNTS.includes(seen.at) && isSame(shown, seen.fields)
}

/** Nothing of it needs doing any more, whoever did it. */
function isFulfilled({ kind: decision }: DraftDecision, { state: { at } }: Draft): boolean {
  switch (decision) {
    case 'file':
      return at === 'filing' || at === 'filed'
    case 'hold':
    case 'undo':
      return at === 'held' || at === 'parked'
    case 'resume':
      return at === 'countdown' || at === 'filing' || at === 'filed'
    case 'discard':
      return at === 'discarded'
  }
}

/** It was sent on `baseRevision`, and this draft came of it. */
function isCarriedOut(decision: DraftDecision, draft: Draft, baseRevision: number): boolean {
  if (draft.revision <= baseRevision) return false
  // A ticket that is blocked again was sent again.
  return isFulfilled(decision, draft) || (decision.kind === 'file' && draft.state.at === 'blocked')
}

/** Nothing is filed while somebody is asked. */
function ask(wish: Wish, { draftId, revision: baseRevision, state }: Draft): WishStep {
  const asking: Wish = { ...wish, stage: { at: 'asks' } }
  if (state.at !== 'countdown' && state.at !== 'filing') return { wish: asking }
  return {
    wish: asking,
    send: { kind: 'draft-decide', draftId, baseRevision, decision: { kind: 'hold' } },
  }
}

function withoutChoice({ choice: _dropped, ...rest }: Wish): Wish {
  return { ...rest, stage: { at: 'waiting' } }
}
const keptIfAny = (wish: Wish): Wish | undefined =>
  fieldsOf(wish.changes).length > 0 || wish.choice ? wish : undefined

const pickBoth = ({ changes, was }: Wish, fields: readonly FieldName[]) => ({
  changes: pick(changes, fields),
  was: pick(was, fields),
})
