import type { Direction } from '@3cx-ninja/protocol'
import type { LiveFact } from '../calls/liveFact.ts'
import type { Participant, Snapshot } from './participant.ts'
import { directionOf, isInternal, mergedPart, partyOf, activeStateOf, type ActiveState } from './readParty.ts'

/**
 * One extension's part in one conversation: all participants of that extension with one call number (each telephone
 * may be one). It begins with its first participant; once empty it ends after the grace, unless a participant
 * returns.
 */
export interface PbxLeg {
  readonly leg: string
  readonly extension: string
  /** The PBX's number of the conversation, or `p` and the participant's where it names none. */
  readonly callKey: string
  readonly parts: ReadonlyMap<number, Participant>
  readonly direction: Direction
  /** The last fact about the leg; `mustRepeat`: it must be reported once more, for the hub was restarted. */
  readonly lastFact?: LiveFact
  readonly mustRepeat?: boolean
  /** The leg has no participant since: it ends, unless one returns within the grace. */
  readonly emptySinceMs?: number
}

/** All legs of the PBX, by extension and conversation. */
export type PbxLegs = ReadonlyMap<string, PbxLeg>

/** What changes the legs: a participant seen or gone, a whole list, or the time. */
export type PbxEvent =
  | { readonly kind: 'seen'; readonly part: Participant }
  | { readonly kind: 'gone'; readonly extension: string; readonly id: number }
  | {
      readonly kind: 'listed'
      readonly snapshot: Snapshot
      /** An event about it came while the list was under way: newer than the list. */
      readonly isNewer: (extension: string, id: number) => boolean
      /** Events may have been missed, and numbers may have been given to others: only what is certainly the same continues. */
      readonly isAfterGap: boolean
    }
  | { readonly kind: 'tick' }

/** The legs after an event, and the facts that are new by it. */
export interface Step {
  readonly legs: PbxLegs
  readonly facts: readonly LiveFact[]
}

/**
 * A leg without participants ends after 2 s: a queue that tries again, or a transfer, removes a participant and adds
 * another one of the same conversation.
 */
export const GRACE_MS = 2_000
const MAX_LEGS = 10_000
const STRONGEST: readonly ActiveState[] = ['talking', 'held', 'ringing']

/** Returns the legs after an event, and what is new of them. Pure; a repeated event reports nothing. */
export function stepPbxLegs(before: PbxLegs, event: PbxEvent, nowMs: number): Step {
  const legs = new Map(before)
  const facts: LiveFact[] = []
  switch (event.kind) {
    case 'seen':
      applySeen(legs, facts, event.part, nowMs)
      break
    case 'gone':
      removeParticipant(legs, facts, event.extension, event.id, nowMs)
      break
    case 'listed':
      applyList(legs, facts, event, nowMs)
      break
    case 'tick':
      for (const [key, { emptySinceMs }] of before)
        // Later than now: the wall clock went back.
        if (emptySinceMs !== undefined && (emptySinceMs + GRACE_MS <= nowMs || emptySinceMs > nowMs))
          endLeg(legs, facts, key, nowMs)
      break
  }
  return { legs, facts }
}

/** Returns the wall-clock time at which the next empty leg ends; undefined: none is empty. */
export function nextEndMs(legs: PbxLegs): number | undefined {
  const due = [...legs.values()].flatMap(({ emptySinceMs }) => emptySinceMs ?? [])
  return due.length === 0 ? undefined : Math.min(...due) + GRACE_MS
}

const callKeyOf = ({ callId, id }: Participant) => (callId === undefined ? `p${id}` : String(callId))
const keyOf = (extension: string, callKey: string) => `${extension}/${callKey}`

function findParticipant(
  legs: PbxLegs,
  extension: string,
  id: number,
): readonly [string, PbxLeg] | undefined {
  for (const one of legs) if (one[1].extension === extension && one[1].parts.has(id)) return one
  return undefined
}

function applySeen(legs: Map<string, PbxLeg>, facts: LiveFact[], part: Participant, nowMs: number): void {
  const { extension, id } = part
  const usual = legs.get(keyOf(extension, callKeyOf(part)))
  // Where it was, nearly always: a list of a thousand calls is not searched a thousand times.
  const found = usual?.parts.has(id)
    ? ([keyOf(extension, callKeyOf(part)), usual] as const)
    : findParticipant(legs, extension, id)
  const previous = found?.[1].parts.get(id)
  const now = mergedPart(previous, part)
  const callKey = callKeyOf(now)
  const key = keyOf(extension, callKey)
  let leg = legs.get(key)
  if (found && found[0] !== key) {
    // A transfer joined it to another conversation. Alone, it is the same part of the same person; else it goes over.
    legs.delete(found[0])
    if (found[1].parts.size === 1 && !leg) leg = { ...found[1], callKey }
    else {
      legs.set(found[0], found[1])
      removeParticipant(legs, facts, extension, id, nowMs)
    }
  }
  if (!leg && legs.size >= MAX_LEGS) return
  const name = `${extension}-${callKey}-${nowMs.toString(36)}`
  const { emptySinceMs: _, ...kept } = leg ?? { leg: name, extension, callKey, parts: new Map<number, Participant>(), direction: directionOf(now) } // prettier-ignore
  legs.set(key, { ...kept, parts: new Map(kept.parts).set(id, now), direction: refined(kept.direction, now) })
  reportChange(legs, facts, key, nowMs)
}

/** What was unknown may be seen later; an internal call becomes an outside one by a transfer. */
function refined(previous: Direction, part: Participant): Direction {
  if (previous === 'unknown') return directionOf(part)
  return previous === 'internal' && part.partyType === 'Wexternalline' && !isInternal(part)
    ? directionOf(part)
    : previous
}

function removeParticipant(
  legs: Map<string, PbxLeg>,
  facts: LiveFact[],
  extension: string,
  id: number,
  nowMs: number,
) {
  const found = findParticipant(legs, extension, id)
  if (!found) return
  const [key, leg] = found
  const parts = new Map(leg.parts)
  parts.delete(id)
  legs.set(key, { ...leg, parts, ...(parts.size === 0 ? { emptySinceMs: nowMs } : {}) })
  if (parts.size > 0) reportChange(legs, facts, key, nowMs)
}

function endLeg(legs: Map<string, PbxLeg>, facts: LiveFact[], key: string, nowMs: number): void {
  const leg = legs.get(key)
  legs.delete(key)
  if (leg?.lastFact) facts.push({ ...leg.lastFact, state: 'ended', atMs: leg.emptySinceMs ?? nowMs })
}

function applyList(
  legs: Map<string, PbxLeg>,
  facts: LiveFact[],
  { snapshot, isNewer, isAfterGap }: Extract<PbxEvent, { kind: 'listed' }>,
  nowMs: number,
): void {
  const listed = new Map(snapshot.participants.map((part) => [`${part.extension}/${part.id}`, part]))
  const parts = [...legs.values()].flatMap(({ parts }) => [...parts.values()])
  for (const part of parts) {
    if (isNewer(part.extension, part.id)) continue
    const now = listed.get(`${part.extension}/${part.id}`)
    if (!now || (isAfterGap && !isSame(part, now)))
      removeParticipant(legs, facts, part.extension, part.id, nowMs)
  }
  // Over a gap it is unknown who returned: a call number that was given to another call must not continue an old leg.
  if (isAfterGap)
    for (const [key, { parts }] of [...legs]) if (parts.size === 0) endLeg(legs, facts, key, nowMs)
  for (const part of snapshot.participants)
    if (!isNewer(part.extension, part.id)) applySeen(legs, facts, part, nowMs)
  // The answer is reported before the end at other telephones, or a call that a colleague answered would seem missed.
  const activeFacts = [...legs.values()].flatMap(({ lastFact }) => lastFact ?? [])
  const isEndAfterAnswer = ({ state, conversation, extension }: LiveFact) =>
    state === 'ended' &&
    activeFacts.some((one) => one.extension !== extension && one.conversation === conversation)
  facts.sort((a, b) => Number(isEndAfterAnswer(a)) - Number(isEndAfterAnswer(b)))
}

/** The participant that bears this number now is the one that bore it before: its conversation and its caller are the same. */
function isSame(before: Participant, now: Participant): boolean {
  const sameCall = before.callId === undefined || now.callId === undefined || before.callId === now.callId
  const sameCaller = before.callerId === '' || now.callerId === '' || before.callerId === now.callerId
  return sameCall && sameCaller
}

/** Adds one fact when the strongest of the leg's participants shows something new. */
function reportChange(legs: Map<string, PbxLeg>, facts: LiveFact[], key: string, nowMs: number): void {
  const leg = legs.get(key)
  if (!leg) return
  const parts = [...leg.parts.values()]
  const state = STRONGEST.find((one) => parts.some(({ status }) => activeStateOf(status) === one))
  const part = parts.find(({ status }) => state !== undefined && activeStateOf(status) === state)
  if (!state || !part) return
  const { lastFact } = leg
  const next: LiveFact = {
    leg: leg.leg,
    extension: leg.extension,
    state,
    direction: leg.direction,
    ...partyOf(part),
    // A call to a group has one number at all its telephones.
    ...(part.callId === undefined ? {} : { conversation: leg.callKey }),
    atMs: lastFact?.state === state ? lastFact.atMs : nowMs,
  }
  const isNew =
    !lastFact ||
    leg.mustRepeat === true ||
    lastFact.state !== state ||
    lastFact.direction !== next.direction ||
    lastFact.conversation !== next.conversation ||
    lastFact.remoteNumber !== next.remoteNumber ||
    lastFact.remoteName !== next.remoteName
  if (!isNew) return
  facts.push(next)
  legs.set(key, { ...leg, lastFact: next, mustRepeat: false })
}
