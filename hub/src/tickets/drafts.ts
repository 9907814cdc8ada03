import type { AgentId, BoardCall, CallId, Clock, Draft, DraftChanges, DraftDecision, DraftId, Utterance } from '@3cx-ninja/protocol' // prettier-ignore
import type { Analyse, AnalysisStage } from './analysis/analysis.ts'
import { beginDraft, fillDraft, hasNoSound, newFacts } from './draftContent.ts'
import { nextDraftTickMs, stepDraft, type DraftEvent, type DraftRules } from './draftMachine.ts'
import { draftAsSent, type DraftRecord } from './draftRecord.ts'
import { openDraftShelf, type DraftListener, type DraftStore } from './draftShelf.ts'
import type { Outbox } from './outbox/ports.ts'
import type { NewWrite } from './outbox/rows.ts'
import { createTranscribed } from './transcribed.ts'
import { createWishes, type WishOutcome } from './wishes.ts'
import { commentBodyOf, factsCommentOf, newWrite, writesOfDecision } from './writes.ts'

export interface Drafts {
  onCall(call: BoardCall): Promise<void>
  /** The call as the board has it at a start: for a draft that grows, or that is missing, because the hub died in between. */
  onRestart(call: BoardCall): Promise<void>
  onUtterance(callId: CallId, utterance: Utterance): void
  /** All audio of the call is transcribed. May be told again, also after a restart. */
  onTranscribed(callId: CallId): Promise<void>
  onErased(callId: CallId): Promise<void>
  visible(agentId: AgentId, draftId: DraftId, revision: number): Promise<void>
  edit(agentId: AgentId, draftId: DraftId, baseRevision: number, changes: DraftChanges): Promise<WishOutcome>
  decide(
    agentId: AgentId,
    draftId: DraftId,
    baseRevision: number,
    choice: DraftDecision,
  ): Promise<WishOutcome>
  agentGone(agentId: AgentId): void
  forAgent(agentId: AgentId): readonly Draft[]
  waiting(): number
  onChange(listener: DraftListener): () => void
  /** ms from hang-up to the proposed draft, each time. */
  onProposed(listener: (afterMs: number) => void): () => void
  stop(): Promise<void>
}

export interface DraftsNeeds {
  readonly store: DraftStore
  readonly outbox: Outbox
  readonly clock: Clock
  readonly newId: () => string
  readonly rules: DraftRules
  readonly maxWaitMs: number
  readonly analyse: Analyse
  readonly linesOf: (callId: CallId) => Promise<readonly (Utterance & { atMs: number })[]>
  readonly organizationForUnknown: string | null
  readonly onFailure: (what: string, error: unknown) => void
}

/** Live text changes the draft at most this often; ever more rarely the more drafts grow, as reading a call takes some ms. */
const GROW_MS = 1_500
const DRAFTS_AT_ONCE = 100
/** What could not be stored (disk full, database busy) is tried again after this. */
const RETRY_MS = 5_000

/** The drafts: their life, their deadlines, and handing them to the outbox. Everything is stored before it is told. */
export async function openDrafts(needs: DraftsNeeds): Promise<Drafts> {
  const { outbox, clock, rules, organizationForUnknown } = needs
  /** Drafts whose card is on a screen now. Rule D2. */
  const seen = new Set<DraftId>()
  const shelf = await openDraftShelf({
    ...needs,
    onUnreadable: (error) => needs.onFailure('draft.unreadable', error),
    onForgotten: ({ draft }) => void seen.delete(draft.draftId),
  })
  const timers = new Map<DraftId, () => void>()
  const growing = new Map<CallId, () => void>()
  const retries = new Set<() => void>()
  const transcribed = createTranscribed(clock)
  const proposed = new Set<(afterMs: number) => void>()
  let stopped = false

  /** Does it in the call's turn; what fails is told and tried again until it succeeds. */
  const surely = async (what: string, callId: CallId, act: () => Promise<unknown>): Promise<void> => {
    try {
      await shelf.inTurn(callId, act)
    } catch (error) {
      needs.onFailure(what, error)
      // The database refuses a second draft of a call whose first one cannot be read: for good.
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      if (stopped || code.startsWith('SQLITE_CONSTRAINT')) return
      const cancel = clock.after(RETRY_MS, () => {
        retries.delete(cancel)
        void surely(what, callId, act)
      })
      retries.add(cancel)
    }
  }

  const keep = async (record: DraftRecord, writes: readonly NewWrite[] = []): Promise<DraftRecord> => {
    const kept = await shelf.keep(record, writes)
    schedule(kept)
    if (writes.length > 0) outbox.wake()
    return kept
  }

  const schedule = (record: DraftRecord) => {
    const { draftId, callId } = record.draft
    timers.get(draftId)?.()
    timers.delete(draftId)
    const waits = record.place.state.at === 'collecting' && record.endedAtMs !== null
    const dueMs = waits ? (record.endedAtMs ?? 0) + needs.maxWaitMs : nextDraftTickMs(record.place, rules)
    if (dueMs === undefined || stopped) return
    const act = async () => {
      timers.delete(draftId)
      if (waits) await offer(callId)
      else await apply(callId, { kind: 'tick' })
      const now = shelf.of(callId)
      if (now && !timers.has(draftId)) schedule(now) // it came too early: the wall clock was set back
    }
    timers.set(
      draftId,
      clock.after(Math.max(0, dueMs - clock.nowMs()), () => void surely('draft.tick', callId, act)),
    )
  }

  const apply = async (
    callId: CallId,
    event: DraftEvent,
    change: Partial<DraftRecord> = {},
  ): Promise<WishOutcome> => {
    const record = shelf.of(callId)
    if (!record) return { ok: false, reason: 'unknown-draft' }
    const outcome = stepDraft(record.place, event, clock.nowMs(), rules)
    if (!outcome.ok) return { ok: false, reason: outcome.reason, draft: draftAsSent(record, clock.nowMs()) }
    if (outcome.place === record.place && Object.keys(change).length === 0) return { ok: true }
    const next = { ...record, ...change, place: outcome.place }
    const writes = outcome.send ? await writesOfDecision(next, organizationForUnknown, needs.linesOf) : []
    const isWhole = writes.length > 1 && next.draft.transcript === 'complete'
    await keep({ ...next, commented: next.commented || isWhole }, writes)
    return { ok: true }
  }

  const analysed = async (record: DraftRecord, stage: AnalysisStage = 'over'): Promise<DraftRecord> => {
    const lines = await needs.linesOf(record.draft.callId)
    return fillDraft(record, await needs.analyse(record.call, lines, stage), organizationForUnknown)
  }

  /** Proposes the draft of a call that is over: with its text, or without when it was waited for long enough. */
  const offer = async (callId: CallId): Promise<void> => {
    const record = await shelf.find(callId)
    if (!record || record.endedAtMs === null) return
    if (record.place.state.at !== 'collecting') {
      await late(record)
      return transcribed.delete(callId)
    }
    const none = hasNoSound(record.call)
    const complete = !none && transcribed.has(callId)
    if (!complete && !none && clock.nowMs() < record.endedAtMs + needs.maxWaitMs) return
    const { draft } = await analysed(record)
    const transcript = complete ? 'complete' : none ? 'none' : 'late'
    const isSeen = seen.has(draft.draftId)
    await apply(callId, { kind: 'ready', seen: isSeen }, { draft: { ...draft, transcript } })
    transcribed.delete(callId)
    for (const listener of proposed) listener(Math.max(0, clock.nowMs() - record.endedAtMs))
  }
  /** The text came after the draft was offered: into the draft while it can change, else as a comment on the ticket. */
  const late = async (record: DraftRecord): Promise<void> => {
    const { draft, place, commented } = record
    if (commented || !transcribed.has(draft.callId) || draft.transcript !== 'late') return
    if (place.state.at === 'discarded') return
    const complete = { ...record, draft: { ...draft, transcript: 'complete' as const } }
    if (!place.sent) return void (await keep(await analysed(complete)))
    const lines = await needs.linesOf(draft.callId)
    if (lines.length > 0)
      await keep({ ...complete, commented: true }, [newWrite(complete, commentBodyOf(complete, lines))])
  }

  /** The PBX tells who called when the draft is offered already, or the agent its true end: into the draft while it can change, else new facts as a comment. */
  const learn = async (record: DraftRecord, call: BoardCall): Promise<void> => {
    if (record.place.state.at === 'discarded') return
    const facts = newFacts(record.call, call)
    const told = { ...record, call }
    const isNew = facts.length > 0 || call.presumedOverAtMs !== record.call.presumedOverAtMs
    if (!record.place.sent) return void (isNew && (await keep(await analysed(told))))
    if (facts.length > 0) await keep(told, [newWrite(told, factsCommentOf(told, facts))])
  }

  /** The call was presumed to be over, and is not: the draft grows on, unless it was decided. */
  const resume = async (record: DraftRecord, call: BoardCall): Promise<boolean> => {
    const { place, draft } = record
    const outcome = stepDraft(place, { kind: 'resumed' }, clock.nowMs(), rules)
    if (!outcome.ok || outcome.place === place) return false
    const pending = { ...draft, transcript: 'pending' as const }
    await keep(
      await analysed({ ...record, call, draft: pending, place: outcome.place, endedAtMs: null }, 'live'),
    )
    return true
  }

  const parkOthers = (call: BoardCall) => {
    if (call.phase !== 'ringing' && call.phase !== 'talking' && call.phase !== 'held') return
    for (const { agentId, draft } of shelf.all()) {
      if (agentId !== call.agentId || draft.callId === call.callId) continue
      void surely('draft.park', draft.callId, () => apply(draft.callId, { kind: 'new-call' }))
    }
  }

  const onCall = async (call: BoardCall): Promise<void> => {
    if (call.agentId === undefined) return // the PBX alone speaks of it: nobody here took it
    const known = await shelf.find(call.callId)
    if (known && known.call.agentId === call.agentId && known.call.revision > call.revision) return
    const isOver = call.phase === 'wrap-up' || call.phase === 'done' || call.phase === 'missed'
    const endedAtMs = isOver ? (known?.endedAtMs ?? clock.nowMs()) : null
    const begun = {
      draftId: needs.newId() as DraftId,
      nowMs: clock.nowMs(),
      organizationId: organizationForUnknown,
    } // prettier-ignore -- newId makes ids
    const changed = { ...(known ?? beginDraft(call, begun)), call, endedAtMs }
    if (!known) await keep(await analysed(changed, 'live'))
    else if (known.place.state.at === 'collecting') await keep(changed)
    else if (isOver || !(await resume(known, call))) await learn(known, call)
    if (!known) parkOthers(call)
    if (isOver) await offer(call.callId)
  }

  const catchUp = async ({ draft, place }: DraftRecord): Promise<void> => {
    const { callId, draftId } = draft
    // Nobody sees a card while the hub is away: a countdown starts again when one is visible.
    await apply(callId, { kind: 'unseen' })
    if (place.sent && place.state.at !== 'filed') {
      const event = await outbox.outcomeOf(draftId)
      if (event) await apply(callId, event)
    }
    const now = shelf.of(callId)
    if (now) schedule(now)
  }
  outbox.onOutcome(({ callId, event }) => void surely('draft.outcome', callId, () => apply(callId, event)))
  for (const record of shelf.all())
    await surely('draft.restart', record.draft.callId, () => catchUp(shelf.of(record.draft.callId) ?? record))

  const wishes = createWishes({ shelf, outbox, clock, apply, organizationForUnknown })
  return {
    ...wishes,
    onCall: (call) => surely('draft.call', call.callId, () => onCall(call)),
    onRestart: (call) =>
      surely('draft.restart', call.callId, async () => {
        if ((shelf.of(call.callId)?.place.state.at ?? 'collecting') === 'collecting') await onCall(call)
      }),
    onUtterance(callId, { state }) {
      if (state !== 'final' || growing.has(callId) || shelf.of(callId)?.place.state.at !== 'collecting')
        return
      const grow = async () => {
        const record = shelf.of(callId)
        if (record?.place.state.at === 'collecting' && !stopped) await keep(await analysed(record, 'live'))
      }
      const due = () => {
        growing.delete(callId)
        shelf.inTurn(callId, grow).catch((error: unknown) => needs.onFailure('draft.grow', error))
      }
      growing.set(callId, clock.after(GROW_MS * (1 + growing.size / DRAFTS_AT_ONCE), due))
    },
    onTranscribed(callId) {
      transcribed.add(callId)
      return surely('draft.transcribed', callId, () => offer(callId))
    },
    onErased: (callId) =>
      surely('draft.erased', callId, async () => {
        const record = shelf.of(callId)
        if (!record || record.place.sent) return
        const call = { ...record.call, recording: 'erased' as const }
        await keep(await analysed({ ...record, call, draft: { ...record.draft, transcript: 'none' } }))
        await offer(callId)
      }),
    async visible(agentId, draftId) {
      const record = shelf.get(draftId)
      if (record?.agentId !== agentId) return
      seen.add(draftId)
      await surely('draft.visible', record.draft.callId, () =>
        apply(record.draft.callId, { kind: 'visible' }),
      )
    },
    agentGone(agentId) {
      for (const { draft, agentId: owner } of shelf.all()) {
        if (owner !== agentId) continue
        seen.delete(draft.draftId)
        void surely('draft.unseen', draft.callId, () => apply(draft.callId, { kind: 'unseen' }))
      }
    },
    forAgent: (agentId) =>
      shelf
        .all()
        .filter((record) => record.agentId === agentId && record.place.state.at !== 'discarded')
        .map((record) => draftAsSent(record, clock.nowMs())),
    waiting: () =>
      shelf.all().filter(({ place }) => !['filed', 'discarded', 'collecting'].includes(place.state.at))
        .length,
    onChange: shelf.onChange,
    onProposed(listener) {
      proposed.add(listener)
      return () => void proposed.delete(listener)
    },
    async stop() {
      stopped = true
      for (const cancel of [...timers.values(), ...growing.values(), ...retries]) cancel()
      await shelf.idle()
      for (const cancel of timers.values()) cancel()
    },
  }
}
