import { MINUTE_MS, type BoardCall, type CallId, type Clock } from '@3cx-ninja/protocol'
import { findForPbx, isOn, mergePbxReport, type PbxReport } from './joinCall.ts'
import { withoutNumberAsName } from './callerName.ts'
import { endUnheard, findForLeg, mergeLiveFact, surelyOverMs } from './joinLive.ts'
import type { Legs } from './legs.ts'
import type { HeldFact, LiveFact, PbxLink } from './liveFact.ts'

/** How often calls whose end was not heard are looked for; they end minutes after their time at the latest. */
const SWEEP_MS = MINUTE_MS

export interface PbxCalls {
  reportFromPbx(report: PbxReport): Promise<BoardCall>
  /** What the PBX tells while a call goes on. The end of a leg of which nothing was heard before founds no call and is not kept. */
  factFromPbx(fact: LiveFact): Promise<BoardCall>
  /** Said by whoever hears the PBX, at each change; with `open` after each connecting, once its legs are known. */
  pbxLink(link: PbxLink): Promise<void>
  /** How the PBX is heard now, and what holds of the calls of one extension, the oldest first. */
  heardFromPbx(extension: string): { readonly at: PbxLink['at']; readonly facts: readonly HeldFact[] }
  /** A live fact that concerns whoever uses its extension, joined and stored. */
  onFact(listener: (held: HeldFact) => void): () => void
  onPbxLink(listener: () => void): () => void
  stop(): Promise<void>
}

export interface PbxCallsNeeds {
  readonly calls: ReadonlyMap<CallId, BoardCall>
  readonly legs: Legs
  /** The site's, for numbers without a calling code. */
  readonly country: string
  readonly clock: Clock
  readonly newId: () => string
  /** Stores the call and tells who listens; `alias`: another name of it, kept with it. */
  readonly put: (
    call: BoardCall,
    before: BoardCall | undefined,
    alias: string | undefined,
  ) => Promise<BoardCall>
  /** One fact after the other. */
  readonly inTurn: <Value>(act: () => Promise<Value>) => Promise<Value>
}

/** What the PBX tells of calls: at their end by the webhook, and while they go on where it can be heard. */
export function createPbxCalls(needs: PbxCallsNeeds): PbxCalls {
  const { calls, legs, country, clock, put, inTurn } = needs
  const newId = () => needs.newId() as CallId // newId makes ids
  const factListeners = new Set<(held: HeldFact) => void>()
  const linkListeners = new Set<() => void>()
  let at: PbxLink['at'] = 'none'
  /** Until when each call was last known to go on. */
  let lastOpenMs = -Infinity
  /** When each call that goes on was last heard of, by the monotonic clock: one that is set in mid-call must end no call. */
  const heardAtMs = new Map<CallId, number>()

  /** Before this start, only the wall clock went on. */
  const heardBefore = (call: BoardCall) =>
    clock.monotonicMs() - Math.max(0, clock.nowMs() - (call.talkingSinceMs ?? call.startedAtMs))
  for (const call of calls.values()) if (isOn(call)) heardAtMs.set(call.callId, heardBefore(call))

  const linkIs = (next: PbxLink['at']) => {
    if (at === 'open') lastOpenMs = clock.nowMs()
    const isNew = at !== next
    at = next
    if (isNew) for (const listener of linkListeners) listener()
  }
  const tell = (fact: LiveFact, callId: CallId, isAnswered = false) => {
    for (const listener of factListeners)
      listener({ fact, callId, ...(isAnswered ? { answered: true } : {}) })
  }
  /** Somebody else of this conversation talks. */
  const isTaken = ({ leg, conversation }: LiveFact) =>
    conversation !== undefined &&
    legs
      .held()
      .some(({ fact }) => fact.leg !== leg && fact.conversation === conversation && fact.state !== 'ringing')
  const hear = async (fact: LiveFact): Promise<BoardCall> => {
    const known = legs.callOf(fact, calls)
    const before = known ?? findForLeg(calls.values(), fact, { hasLeg: legs.hasLeg, country })
    const isAnswered = fact.state === 'ended' && before?.phase === 'ringing' && isTaken(fact)
    const merged = mergeLiveFact(before, before?.callId ?? newId(), fact, { isAnswered })
    if (!before && fact.state === 'ended') return merged // nobody knew it, nobody needs to
    const call = await put(merged, before, known ? undefined : legs.alias(fact))
    if (!known) legs.joined(fact, call.callId)
    legs.heard(fact, call)
    heardAtMs.set(call.callId, clock.monotonicMs())
    // A call that its agent has ended goes on for nobody.
    if (fact.state === 'ended' || isOn(call)) tell(fact, call.callId, isAnswered)
    return call
  }

  /** Calls that only the PBX told of, and that have ended while nobody listened. */
  const endMissed = async (hasEnded: (call: BoardCall) => boolean): Promise<void> => {
    const held = legs.held()
    for (const call of [...calls.values()]) {
      if (call.agentId !== undefined || !isOn(call)) continue
      if (!hasEnded(call)) continue
      const facts = held.filter(({ callId }) => callId === call.callId)
      const heardMs = Math.max(call.talkingSinceMs ?? call.startedAtMs, ...facts.map(({ fact }) => fact.atMs))
      await put(endUnheard(call, facts.length > 0 ? Math.max(heardMs, lastOpenMs) : heardMs), call, undefined)
      for (const one of facts) end(one)
    }
  }
  const end = ({ fact, callId }: HeldFact) => {
    const ended: LiveFact = { ...fact, state: 'ended', atMs: clock.nowMs() }
    const call = calls.get(callId)
    if (call) legs.heard(ended, call)
    tell(ended, callId)
  }

  const told = async (report: PbxReport): Promise<BoardCall> => {
    const before = findForPbx(calls.values(), report, country)
    const call = await put(mergePbxReport(before, before?.callId ?? newId(), report), before, undefined)
    const held = legs.held().filter(({ callId }) => callId === call.callId)
    for (const one of held) end(one)
    // By its start the report speaks of this call for certain: else it might end the one that the same caller made next.
    if (held.length === 0 && before && report.startedAtMs !== undefined) {
      const { direction, remoteNumber, remoteName, endedAtMs: atMs } = report
      const about = { ...(remoteNumber ? { remoteNumber } : {}), ...(remoteName ? { remoteName } : {}) }
      const { callId, extension } = call
      tell({ leg: callId, extension, state: 'ended', direction, ...about, atMs }, callId)
    }
    return call
  }

  let cancelSweep: () => void = () => undefined
  let stopped = false
  const isSurelyOver = (call: BoardCall) => {
    const heardMs = heardAtMs.get(call.callId) ?? heardBefore(call)
    return surelyOverMs(call, heardMs) <= clock.monotonicMs()
  }
  const forgetEnded = () => {
    for (const callId of heardAtMs.keys()) {
      const call = calls.get(callId)
      if (!call || !isOn(call)) heardAtMs.delete(callId)
    }
  }
  const sweep = () => {
    cancelSweep = clock.after(SWEEP_MS, () => {
      // A disk that is full now is tried again with the next sweep; each other fact tells of it meanwhile.
      void inTurn(() => endMissed(isSurelyOver).finally(forgetEnded))
        .catch(() => undefined)
        .finally(() => {
          if (!stopped) sweep()
        })
    })
  }
  sweep()

  return {
    reportFromPbx: (report) => inTurn(() => told(withoutNumberAsName(report, country))),
    // A fact may come before the link is said to be open: until all that goes on was listed, none of it tells what ended.
    factFromPbx: (fact) => inTurn(() => hear(withoutNumberAsName(fact, country))),
    pbxLink: (link) =>
      inTurn(async () => {
        if (link.at === 'open') {
          const going = new Set(link.legs)
          const goesOn = (callId: CallId) =>
            legs.known().some((one) => one.callId === callId && going.has(one.leg))
          await endMissed(({ callId }) => !goesOn(callId))
          for (const one of legs.held()) if (!going.has(one.fact.leg)) end(one)
        }
        linkIs(link.at)
      }),
    heardFromPbx: (extension) => ({
      at,
      facts: at === 'open' ? legs.held().filter(({ fact }) => fact.extension === extension) : [],
    }),
    onFact(listener) {
      factListeners.add(listener)
      return () => void factListeners.delete(listener)
    },
    onPbxLink(listener) {
      linkListeners.add(listener)
      return () => void linkListeners.delete(listener)
    },
    async stop() {
      stopped = true
      cancelSweep()
      await inTurn(() => Promise.resolve())
    },
  }
}
