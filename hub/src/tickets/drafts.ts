import {
  type AgentId,
  type BoardCall,
  type CallId,
  type Clock,
  type Draft,
  type DraftChanges,
  type DraftDecision,
  type DraftFields,
  type DraftId,
  type Utterance,
} from '@3cx-ninja/protocol'
import type { Analysis } from './analysis/analysis.ts'
import { nextDraftTickMs, stepDraft, type DraftEvent, type DraftRules } from './draftMachine.ts'
import { draftAsSent, draftRecord, type DraftRecord } from './draftRecord.ts'
import type { NewWrite, Outbox } from './outbox/outbox.ts'
import { commentWrite, ticketWrite } from './writes.ts'

export type WishOutcome =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly reason: 'unknown-draft' | 'stale-revision' | 'too-late' | 'not-now'
      readonly draft?: Draft
    }

export interface DraftStore {
  /** The draft and the writes it decided on, together or not at all. */
  save(record: DraftRecord, writes: readonly NewWrite[]): Promise<void>
  open(): Promise<readonly unknown[]>
}

export interface Drafts {
  onCall(call: BoardCall): Promise<void>
  onUtterance(callId: CallId, utterance: Utterance): void
  /** All audio of the call is transcribed. */
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
  onChange(listener: (draft: Draft, agentId: AgentId | null, call: BoardCall) => void): () => void
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
  readonly analyse: (call: BoardCall, utterances: readonly Utterance[]) => Promise<Analysis>
  readonly linesOf: (callId: CallId) => Promise<readonly (Utterance & { atMs: number })[]>
  readonly organizationForUnknown: number | null
  readonly onFailure: (what: string, error: unknown) => void
}

/** Live text changes the draft at most this often. */
const GROW_MS = 1_500

/** The drafts: their life, their deadlines, and handing them to the outbox. Everything is stored before it is told. */
export async function openDrafts(needs: DraftsNeeds): Promise<Drafts> {
  const { store, outbox, clock, rules } = needs
  const records = new Map<DraftId, DraftRecord>()
  const byCall = new Map<CallId, DraftId>()
  const timers = new Map<DraftId, () => void>()
  const growing = new Map<CallId, () => void>()
  const transcribed = new Set<CallId>()
  const listeners = new Set<(draft: Draft, agentId: AgentId | null, call: BoardCall) => void>()
  const proposed = new Set<(afterMs: number) => void>()
  const turns = new Map<DraftId | CallId, Promise<unknown>>()
  let stopped = false

  const inTurn = <Value>(key: CallId, act: () => Promise<Value>): Promise<Value> => {
    const turn = (turns.get(key) ?? Promise.resolve()).catch(() => undefined).then(act)
    turns.set(key, turn)
    return turn
  }
  const recordOf = (callId: CallId) => {
    const draftId = byCall.get(callId)
    return draftId && records.get(draftId)
  }

  const keep = async (record: DraftRecord, writes: readonly NewWrite[] = []): Promise<void> => {
    const next: DraftRecord = {
      ...record,
      draft: { ...record.draft, revision: record.draft.revision + 1, state: record.place.state },
    }
    await store.save(next, writes)
    records.set(next.draft.draftId, next)
    byCall.set(next.draft.callId, next.draft.draftId)
    schedule(next)
    for (const listener of listeners) listener(draftAsSent(next, clock.nowMs()), next.agentId, next.call)
    if (writes.length > 0) outbox.wake()
  }

  const schedule = (record: DraftRecord) => {
    const { draftId, callId } = record.draft
    timers.get(draftId)?.()
    timers.delete(draftId)
    const waitUntilMs =
      record.place.state.at === 'growing' && record.endedAtMs !== null
        ? record.endedAtMs + needs.maxWaitMs
        : undefined
    const dueMs = nextDraftTickMs(record.place, rules) ?? waitUntilMs
    if (dueMs === undefined || stopped) return
    const cancel = clock.after(dueMs - clock.nowMs(), () => {
      const act = async () =>
        waitUntilMs === undefined ? void (await apply(callId, { kind: 'tick' })) : offer(callId)
      inTurn(callId, act).catch((error: unknown) => needs.onFailure('draft.tick', error))
    })
    timers.set(draftId, cancel)
  }

  const apply = async (
    callId: CallId,
    event: DraftEvent,
    change: Partial<DraftRecord> = {},
  ): Promise<WishOutcome> => {
    const record = recordOf(callId)
    if (!record) return { ok: false, reason: 'unknown-draft' }
    const outcome = stepDraft(record.place, event, clock.nowMs(), rules)
    if (!outcome.ok) return { ok: false, reason: outcome.reason, draft: draftAsSent(record, clock.nowMs()) }
    if (outcome.place === record.place && Object.keys(change).length === 0) return { ok: true }
    const next = { ...record, ...change, place: outcome.place }
    const writes = outcome.send ? await writesOf(next) : []
    await keep(writes.some(({ kind }) => kind === 'comment') ? { ...next, commented: true } : next, writes)
    return { ok: true }
  }

  const writesOf = async (record: DraftRecord): Promise<NewWrite[]> => {
    const ticket = ticketWrite(record, needs.organizationForUnknown)
    const lines = record.draft.transcript === 'complete' ? await needs.linesOf(record.draft.callId) : []
    return lines.length > 0 ? [ticket, commentWrite(record, lines)] : [ticket]
  }

  const analyse = async (record: DraftRecord): Promise<DraftRecord> => {
    const lines = await needs.linesOf(record.draft.callId)
    const { sentiment, evidence, ...fields } = await needs.analyse(record.call, lines)
    const { caller } = record.call
    const known: DraftFields = {
      ...fields,
      contactUid: caller?.contactUid ?? null,
      contactName: caller?.contactName ?? record.call.remoteName ?? null,
      organizationId: caller?.organizationId ?? needs.organizationForUnknown,
      organizationName: caller?.organizationName ?? null,
    }
    const edited = Object.fromEntries(
      Object.entries(record.edited).filter(([, value]) => value !== undefined),
    )
    return {
      ...record,
      draft: {
        ...record.draft,
        sentiment,
        evidence,
        fields: { ...known, ...edited },
        ...(caller ? { caller } : {}),
      },
    }
  }

  /** Proposes the draft of a call that is over: with its text, or without when it was waited for long enough. */
  const offer = async (callId: CallId): Promise<void> => {
    const record = recordOf(callId)
    if (!record || record.endedAtMs === null) return
    if (record.place.state.at !== 'growing') return late(record)
    const complete = transcribed.has(callId) || record.draft.transcript === 'complete'
    const none =
      record.call.recording === 'none' ||
      record.call.recording === 'refused' ||
      record.call.recording === 'erased'
    if (!complete && !none && clock.nowMs() < record.endedAtMs + needs.maxWaitMs) return
    const analysed = await analyse(record)
    const transcript = complete ? 'complete' : none ? 'none' : 'late'
    await keepProposed({ ...analysed, draft: { ...analysed.draft, transcript } }, record.endedAtMs)
  }
  const keepProposed = async (record: DraftRecord, endedAtMs: number) => {
    records.set(record.draft.draftId, record)
    await apply(record.draft.callId, { kind: 'ready' }, { draft: record.draft })
    for (const listener of proposed) listener(Math.max(0, clock.nowMs() - endedAtMs))
  }
  /** The text came after the draft was offered: into the draft while it can change, else as a comment on the ticket. */
  const late = async (record: DraftRecord): Promise<void> => {
    if (record.commented || !transcribed.has(record.draft.callId) || record.draft.transcript === 'complete')
      return
    const complete = { ...record, draft: { ...record.draft, transcript: 'complete' as const } }
    if (!record.place.sent) return keep(await analyse(complete))
    const lines = await needs.linesOf(record.draft.callId)
    if (lines.length > 0) await keep({ ...complete, commented: true }, [commentWrite(complete, lines)])
  }

  const begin = (call: BoardCall): DraftRecord => {
    const fields: DraftFields = {
      title: '', description: '', category: '', priority: 'MEDIUM', contactUid: null, contactName: null,
      organizationId: needs.organizationForUnknown, organizationName: null, actions: [],
    } // prettier-ignore
    const draft: Draft = {
      draftId: needs.newId() as DraftId, // newId makes ids
      callId: call.callId,
      revision: 0,
      state: { at: 'growing' },
      fields,
      sentiment: 'neutral',
      evidence: { category: [], priority: [], sentiment: [] },
      transcript: 'pending',
      extension: call.extension,
      createdAtMs: clock.nowMs(),
    }
    return {
      draft,
      agentId: call.agentId ?? null,
      call,
      place: { state: { at: 'growing' }, sinceMs: clock.nowMs(), sent: false },
      edited: {},
      endedAtMs: null,
      commented: false,
    }
  }

  const parkOthers = async (call: BoardCall) => {
    for (const { agentId, draft } of [...records.values()]) {
      if (agentId !== call.agentId || draft.callId === call.callId) continue
      await inTurn(draft.callId, () => apply(draft.callId, { kind: 'new-call' }))
    }
  }

  outbox.onOutcome((outcome) => {
    const { callId } = outcome
    inTurn(callId, () => apply(callId, outcome.event)).catch((error: unknown) =>
      needs.onFailure('draft.outcome', error),
    )
  })
  for (const value of await store.open()) {
    const parsed = draftRecord.safeParse(value)
    if (!parsed.success) needs.onFailure('draft.unreadable', parsed.error)
    else {
      records.set(parsed.data.draft.draftId, parsed.data)
      byCall.set(parsed.data.draft.callId, parsed.data.draft.draftId)
      // Nobody sees a card while the hub is away: a countdown starts again when one is visible.
      await apply(parsed.data.draft.callId, { kind: 'unseen' })
      const now = records.get(parsed.data.draft.draftId)
      if (now) schedule(now)
    }
  }

  const wish = (
    agentId: AgentId,
    draftId: DraftId,
    baseRevision: number,
    act: (record: DraftRecord) => Promise<WishOutcome>,
  ): Promise<WishOutcome> => {
    const known = records.get(draftId)
    if (!known || known.agentId !== agentId) return Promise.resolve({ ok: false, reason: 'unknown-draft' })
    return inTurn(known.draft.callId, async () => {
      const record = records.get(draftId) ?? known
      if (record.draft.revision !== baseRevision)
        return { ok: false, reason: 'stale-revision', draft: draftAsSent(record, clock.nowMs()) }
      return act(record)
    })
  }

  return {
    onCall: (call) =>
      inTurn(call.callId, async () => {
        if (call.agentId === undefined) return // the PBX alone speaks of it: nobody here took it
        const known = recordOf(call.callId)
        const isOver = call.phase === 'wrap-up' || call.phase === 'done' || call.phase === 'missed'
        const endedAtMs = isOver ? (known?.endedAtMs ?? clock.nowMs()) : null
        const changed = { ...(known ?? begin(call)), call, endedAtMs }
        if (!known) await keep(await analyse(changed))
        else if (known.place.state.at === 'growing') await keep(changed)
        if (!known) void parkOthers(call)
        if (isOver) await offer(call.callId)
      }),
    onUtterance(callId, { state }) {
      if (state !== 'final' || growing.has(callId) || recordOf(callId)?.place.state.at !== 'growing') return
      const grow = () =>
        inTurn(callId, async () => {
          growing.delete(callId)
          const record = recordOf(callId)
          if (record?.place.state.at === 'growing' && !stopped) await keep(await analyse(record))
        }).catch((error: unknown) => needs.onFailure('draft.grow', error))
      growing.set(
        callId,
        clock.after(GROW_MS, () => void grow()),
      )
    },
    onTranscribed: (callId) => {
      transcribed.add(callId)
      return inTurn(callId, () => offer(callId))
    },
    onErased: (callId) =>
      inTurn(callId, async () => {
        const record = recordOf(callId)
        if (!record || record.place.sent) return
        const call = { ...record.call, recording: 'erased' as const }
        await keep(await analyse({ ...record, call, draft: { ...record.draft, transcript: 'none' } }))
        await offer(callId)
      }),
    visible: async (agentId, draftId) => {
      const record = records.get(draftId)
      if (record?.agentId === agentId)
        await inTurn(record.draft.callId, () => apply(record.draft.callId, { kind: 'visible' }))
    },
    edit: (agentId, draftId, baseRevision, changes) =>
      wish(agentId, draftId, baseRevision, (record) => {
        const set = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
        const draft = { ...record.draft, fields: { ...record.draft.fields, ...set } }
        return apply(
          draft.callId,
          { kind: 'edited', changes },
          { draft, edited: { ...record.edited, ...set } },
        )
      }),
    decide: (agentId, draftId, baseRevision, choice) =>
      wish(agentId, draftId, baseRevision, (record) =>
        apply(record.draft.callId, { kind: 'decided', choice }),
      ),
    agentGone(agentId) {
      for (const { draft, agentId: owner } of [...records.values()]) {
        if (owner !== agentId) continue
        inTurn(draft.callId, () => apply(draft.callId, { kind: 'unseen' })).catch((error: unknown) =>
          needs.onFailure('draft.unseen', error),
        )
      }
    },
    forAgent: (agentId) =>
      [...records.values()]
        .filter((record) => record.agentId === agentId && record.place.state.at !== 'discarded')
        .map((record) => draftAsSent(record, clock.nowMs())),
    waiting: () =>
      [...records.values()].filter(({ place }) => !['filed', 'discarded', 'growing'].includes(place.state.at))
        .length,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onProposed(listener) {
      proposed.add(listener)
      return () => void proposed.delete(listener)
    },
    async stop() {
      stopped = true
      for (const cancel of [...timers.values(), ...growing.values()]) cancel()
      await Promise.allSettled([...turns.values()])
      for (const cancel of timers.values()) cancel()
    },
  }
}
