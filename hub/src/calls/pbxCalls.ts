import { isActive, MINUTE_MS, type BoardCall, type CallId, type Clock } from '@3cx-ninja/protocol'
import type { CallIndex } from './callIndex.ts'
import { withoutNumberAsName } from './callerName.ts'
import { handOverBy, MAX_CONTINUED } from './handOver.ts'
import { saidInFact, withJoin } from './join.ts'
import { inHubTime } from './joinTimes.ts'
import { endUnreported, findForLeg, latestEndMs, mergeLiveFact } from './joinLive.ts'
import type { Legs } from './legs.ts'
import type { CurrentFact, LiveFact, PbxLink } from './liveFact.ts'
import type { OnRemark, PbxReport, PbxStart } from './pbxReport.ts'
import type { PbxClock } from './pbxClock.ts'
import { createPbxReports, type PbxReports } from './pbxReports.ts'

const ignore: OnRemark = () => undefined

/** Time between two sweeps for calls whose end was not reported; such a call ends minutes after its limit at the latest. */
const SWEEP_MS = MINUTE_MS

export interface PbxCalls {
  /** Resolves with the call once the webhook's report of its end is stored. Rejects when the database cannot write. */
  reportFromPbx(report: PbxReport, remark?: OnRemark): Promise<BoardCall>
  /**
   * Resolves with the call once the webhook's report of its start is stored. It fills what is unknown or creates a call, and
   * never ends one. Rejects when the database cannot write.
   */
  startFromPbx(start: PbxStart, remark?: OnRemark): Promise<BoardCall>
  /** Resolves with the call once the live fact is stored. An `ended` for an unknown leg is ignored: it creates no call. */
  factFromPbx(fact: LiveFact): Promise<BoardCall>
  /**
   * Applies the state of the link to the PBX. Called at each change; with `open` after each connecting, once the active legs
   * are listed: the calls of all other legs end.
   */
  pbxLink(link: PbxLink): Promise<void>
  /** Returns the state of the link, and the current facts of one extension's calls, the oldest first. */
  pbxFactsOf(extension: string): { readonly at: PbxLink['at']; readonly facts: readonly CurrentFact[] }
  /** Calls the listener for each live fact of an active call once the fact is joined and stored. */
  onFact(listener: (fact: CurrentFact) => void): () => void
  onPbxLink(listener: () => void): () => void
  /** Ends the sweeps. Never rejects. */
  stop(): Promise<void>
}

export interface PbxCallsNeeds {
  readonly index: Pick<CallIndex, 'calls' | 'ofExtension' | 'ofConversation'>
  readonly legs: Legs
  /** The site's, for numbers without a calling code. */
  readonly country: string
  readonly clock: Clock
  readonly pbxClock: PbxClock
  readonly newId: () => string
  /** Stores the call and notifies the listeners; `alias`: another id of the call, stored with it. */
  readonly put: (
    call: BoardCall,
    previous: BoardCall | undefined,
    alias: string | undefined,
  ) => Promise<BoardCall>
  /** Runs one fact of the PBX after the other, in turn with those of the agents. */
  readonly run: <Result>(work: () => Promise<Result>) => Promise<Result>
}

interface State extends Omit<PbxCallsNeeds, 'newId'> {
  readonly newId: () => CallId
  readonly reports: PbxReports
  readonly factListeners: Set<(fact: CurrentFact) => void>
  readonly linkListeners: Set<() => void>
  linkAt: PbxLink['at']
  /** Wall-clock time until which the link was last open: until then each call with a current fact was active. */
  lastOpenMs: number
  /** When each active call was last reported, by the monotonic clock: a wall clock set in mid-call must end no call. */
  readonly reportedAtMs: Map<CallId, number>
  cancelSweep: () => void
  stopped: boolean
}

/**
 * Applies the PBX's facts about calls: at their end by the webhook, and while they go on by the live link, which is none, away
 * or open. A leg is current from its first fact until its end, the end of its call, or an open link that no longer lists it.
 */
export function createPbxCalls(needs: PbxCallsNeeds): PbxCalls {
  const newId = () => needs.newId() as CallId // newId makes ids
  const state: State = {
    ...needs,
    newId,
    reports: createPbxReports({ ...needs, newId }),
    factListeners: new Set(),
    linkListeners: new Set(),
    linkAt: 'none',
    lastOpenMs: -Infinity,
    reportedAtMs: new Map(),
    cancelSweep: () => undefined,
    stopped: false,
  }
  const { index, legs, country, run, factListeners, linkListeners } = state
  for (const call of index.calls.values())
    if (isActive(call)) state.reportedAtMs.set(call.callId, reportedBeforeStart(state, call))
  scheduleSweep(state)
  return {
    reportFromPbx: (report, remark = ignore) =>
      run(() => applyReport(state, withoutNumberAsName(report, country), remark)),
    startFromPbx: (start, remark = ignore) =>
      run(() => applyStart(state, withoutNumberAsName(start, country), remark)),
    // A fact may come before the link is open: until all active legs are listed, no fact shows which calls have ended.
    factFromPbx: (fact) => run(() => applyFact(state, withoutNumberAsName(fact, country))),
    pbxLink: (link) => run(() => applyLink(state, link)),
    pbxFactsOf: (extension) => ({
      at: state.linkAt,
      facts: state.linkAt === 'open' ? legs.current().filter(({ fact }) => fact.extension === extension) : [],
    }),
    onFact(listener) {
      factListeners.add(listener)
      return () => void factListeners.delete(listener)
    },
    onPbxLink(listener) {
      linkListeners.add(listener)
      return () => void linkListeners.delete(listener)
    },
    stop() {
      state.stopped = true
      state.cancelSweep()
      return Promise.resolve()
    },
  }
}

async function applyFact(state: State, fact: LiveFact): Promise<BoardCall> {
  const { index, legs, country, clock, put } = state
  const joined = legs.callOf(fact, index.calls)
  const previous =
    joined ?? findForLeg(index.ofExtension(fact.extension), fact, { hasLeg: legs.hasLeg, country })
  const isAnswered =
    fact.state === 'ended' && previous?.phase === 'ringing' && isAnsweredElsewhere(state, fact)
  const merged = mergeLiveFact(previous, previous?.callId ?? state.newId(), fact, { isAnswered })
  if (!previous && fact.state === 'ended') return merged // unknown leg: ignore
  const call = await put(
    joinedByLeg(state, merged, previous, fact),
    previous,
    joined ? undefined : legs.aliasOf(fact),
  )
  if (!joined) legs.join(fact, call.callId)
  legs.update(fact, call)
  state.reportedAtMs.set(call.callId, clock.monotonicMs())
  // A call that its agent has ended is active for nobody.
  if (fact.state === 'ended' || isActive(call)) notifyFact(state, fact, call.callId, isAnswered)
  await handOver(state, fact)
  return index.calls.get(call.callId) ?? call
}

/** Returns the call with the reason for which it is an agent's, too, the first time that a leg is joined to an agent's call. */
function joinedByLeg(
  { clock, country }: State,
  merged: BoardCall,
  previous: BoardCall | undefined,
  fact: LiveFact,
): BoardCall {
  if (previous?.agentId === undefined || previous.join || merged === previous) return merged
  const { startedAtMs } = inHubTime(previous, previous.clockAheadMs)
  const by = { reason: 'leg' as const, apartMs: Math.abs(startedAtMs - fact.atMs) }
  return withJoin(merged, { agents: previous, pbx: saidInFact(fact) }, by, { nowMs: clock.nowMs(), country })
}

/** Stores with the call that goes on which calls it continues. */
async function handOver({ index, legs, country, put }: State, fact: LiveFact): Promise<void> {
  const handed = handOverBy(fact, { index, current: legs.current(), country })
  if (!handed) return
  const { heir, ended } = handed
  const continues = new Set([...(heir.continues ?? []), ...ended.map(({ callId }) => callId)])
  await put({ ...heir, continues: [...continues].slice(0, MAX_CONTINUED) }, heir, undefined)
  for (const call of ended) await put({ ...call, continuedBy: heir.callId }, call, undefined)
}

/** Returns whether another extension of the same conversation answered. */
function isAnsweredElsewhere({ legs }: State, { leg, conversation }: LiveFact): boolean {
  if (conversation === undefined) return false
  return legs
    .current()
    .some(({ fact }) => fact.leg !== leg && fact.conversation === conversation && fact.state !== 'ringing')
}

async function applyReport(state: State, report: PbxReport, remark: OnRemark): Promise<BoardCall> {
  const { call, wasKnown } = await state.reports.ended(report, remark)
  const facts = state.legs.current().filter(({ callId }) => callId === call.callId)
  for (const fact of facts) endLeg(state, fact)
  // A report with a start time names this call for certain: without one it might end the call that the same caller made next.
  if (facts.length === 0 && wasKnown && report.startedAtMs !== undefined) {
    const { direction, remoteNumber, remoteName, endedAtMs: atMs } = report
    const remote = { ...(remoteNumber ? { remoteNumber } : {}), ...(remoteName ? { remoteName } : {}) }
    const { callId, extension } = call
    notifyFact(state, { leg: callId, extension, state: 'ended', direction, ...remote, atMs }, callId)
  }
  return call
}

/** A call that middleware reported has no leg: Call Control would end a leg that it does not list. */
async function applyStart(state: State, start: PbxStart, remark: OnRemark): Promise<BoardCall> {
  const call = await state.reports.started(start, remark)
  state.reportedAtMs.set(call.callId, state.clock.monotonicMs())
  return call
}

async function applyLink(state: State, link: PbxLink): Promise<void> {
  const { legs } = state
  if (link.at === 'open') {
    const active = new Set(link.legs)
    const isListed = (callId: CallId) =>
      legs.all().some((one) => one.callId === callId && active.has(one.leg))
    await endCalls(state, ({ callId }) => legs.hasLeg(callId) && !isListed(callId))
    for (const fact of legs.current()) if (!active.has(fact.fact.leg)) endLeg(state, fact)
  }
  if (state.linkAt === 'open') state.lastOpenMs = state.clock.nowMs()
  const isNew = state.linkAt !== link.at
  state.linkAt = link.at
  if (isNew) for (const listener of state.linkListeners) listener()
}

/** Ends active calls that only the PBX reported, and whose end was not reported. */
async function endCalls(state: State, hasEnded: (call: BoardCall) => boolean): Promise<void> {
  const current = state.legs.current()
  for (const call of [...state.index.calls.values()]) {
    if (call.agentId !== undefined || !isActive(call) || !hasEnded(call)) continue
    const facts = current.filter(({ callId }) => callId === call.callId)
    const reportedMs = Math.max(
      call.talkingSinceMs ?? call.startedAtMs,
      ...facts.map(({ fact }) => fact.atMs),
    )
    const activeMs = facts.length > 0 ? Math.max(reportedMs, state.lastOpenMs) : reportedMs
    await state.put(endUnreported(call, activeMs), call, undefined)
    for (const fact of facts) endLeg(state, fact)
  }
}

function endLeg(state: State, { fact, callId }: CurrentFact): void {
  const ended: LiveFact = { ...fact, state: 'ended', atMs: state.clock.nowMs() }
  const call = state.index.calls.get(callId)
  if (call) state.legs.update(ended, call)
  notifyFact(state, ended, callId)
}

function notifyFact(state: State, fact: LiveFact, callId: CallId, isAnswered = false): void {
  for (const listener of state.factListeners)
    listener({ fact, callId, ...(isAnswered ? { answered: true } : {}) })
}

function scheduleSweep(state: State): void {
  state.cancelSweep = state.clock.after(SWEEP_MS, () => {
    // A disk that is full now is retried by the next sweep; meanwhile each other fact reports it.
    void state
      .run(() => endCalls(state, (call) => isOverdue(state, call)).finally(() => forgetEnded(state)))
      .catch(() => undefined)
      .finally(() => {
        if (!state.stopped) scheduleSweep(state)
      })
  })
}

function isOverdue(state: State, call: BoardCall): boolean {
  const reportedMs = state.reportedAtMs.get(call.callId) ?? reportedBeforeStart(state, call)
  return latestEndMs(call, reportedMs) <= state.clock.monotonicMs()
}

/** Returns the monotonic time of a report from before this start of the hub: then only the wall clock went on. */
function reportedBeforeStart({ clock }: State, call: BoardCall): number {
  return clock.monotonicMs() - Math.max(0, clock.nowMs() - (call.talkingSinceMs ?? call.startedAtMs))
}

function forgetEnded({ reportedAtMs, index }: State): void {
  for (const callId of reportedAtMs.keys()) {
    const call = index.calls.get(callId)
    if (!call || !isActive(call)) reportedAtMs.delete(callId)
  }
}
