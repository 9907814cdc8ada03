import type { Direction } from '@3cx-ninja/protocol'
import type { LiveFact } from '../calls/liveFact.ts'
import type { Participant, Snapshot } from './participant.ts'
import { directionOf, isInternal, mergedPart, partyOf, tellsOf, type Tells } from './readParty.ts'

/** One extension's part in one conversation: all participants of that extension with one call number (each telephone may be one). */
export interface HeldLeg {
  readonly leg: string
  readonly extension: string
  /** The PBX's number of the conversation, or `p` and the participant's where it names none. */
  readonly callKey: string
  readonly parts: ReadonlyMap<number, Participant>
  readonly direction: Direction
  /** The last fact about it; `isAgain`: it must be told once more, for the hub was restarted. */
  readonly told?: LiveFact
  readonly isAgain?: boolean
  /** Nobody is in it since: over, unless somebody returns within the grace. */
  readonly emptySinceMs?: number
}

/** By extension and conversation. */
export type Held = ReadonlyMap<string, HeldLeg>

export type PbxEvent =
  | { readonly is: 'seen'; readonly part: Participant }
  | { readonly is: 'gone'; readonly extension: string; readonly id: number }
  | {
      readonly is: 'listed'
      readonly snapshot: Snapshot
      /** An event about it came while the list was under way: newer than the list. */
      readonly isNewer: (extension: string, id: number) => boolean
      /** Events may have been missed, and numbers may have been given anew: only what is surely the same goes on. */
      readonly isAfterGap: boolean
    }
  | { readonly is: 'tick' }

export interface Step {
  readonly held: Held
  readonly facts: readonly LiveFact[]
}

/** A queue that tries again, or a transfer, takes a participant away and brings another one of the same conversation. */
export const GRACE_MS = 2_000
const MAX_LEGS = 10_000
const STRONGEST: readonly Tells[] = ['talking', 'held', 'ringing']

/** What the PBX holds after an event, and what is new of it. Pure; a repeated event says nothing. */
export function stepHeld(before: Held, event: PbxEvent, nowMs: number): Step {
  const held = new Map(before)
  const facts: LiveFact[] = []
  switch (event.is) {
    case 'seen':
      see(held, facts, event.part, nowMs)
      break
    case 'gone':
      leave(held, facts, event.extension, event.id, nowMs)
      break
    case 'listed':
      list(held, facts, event, nowMs)
      break
    case 'tick':
      for (const [key, { emptySinceMs }] of before)
        // Later than now: the wall clock went back.
        if (emptySinceMs !== undefined && (emptySinceMs + GRACE_MS <= nowMs || emptySinceMs > nowMs))
          end(held, facts, key, nowMs)
      break
  }
  return { held, facts }
}

/** When the next leg that nobody is in is over; undefined: none waits. */
export function nextEndMs(held: Held): number | undefined {
  const due = [...held.values()].flatMap(({ emptySinceMs }) => emptySinceMs ?? [])
  return due.length === 0 ? undefined : Math.min(...due) + GRACE_MS
}

const callKeyOf = ({ callId, id }: Participant) => (callId === undefined ? `p${id}` : String(callId))
const keyOf = (extension: string, callKey: string) => `${extension}/${callKey}`

function findPart(held: Held, extension: string, id: number): readonly [string, HeldLeg] | undefined {
  for (const one of held) if (one[1].extension === extension && one[1].parts.has(id)) return one
  return undefined
}

function see(held: Map<string, HeldLeg>, facts: LiveFact[], part: Participant, nowMs: number): void {
  const { extension, id } = part
  const usual = held.get(keyOf(extension, callKeyOf(part)))
  // Where it was, nearly always: a list of a thousand calls is not searched a thousand times.
  const found = usual?.parts.has(id)
    ? ([keyOf(extension, callKeyOf(part)), usual] as const)
    : findPart(held, extension, id)
  const known = found?.[1].parts.get(id)
  const now = mergedPart(known, part)
  const callKey = callKeyOf(now)
  const key = keyOf(extension, callKey)
  let leg = held.get(key)
  if (found && found[0] !== key) {
    // A transfer joined it to another conversation. Alone, it is the same part of the same person; else it goes over.
    held.delete(found[0])
    if (found[1].parts.size === 1 && !leg) leg = { ...found[1], callKey }
    else {
      held.set(found[0], found[1])
      leave(held, facts, extension, id, nowMs)
    }
  }
  if (!leg && held.size >= MAX_LEGS) return
  const name = `${extension}-${callKey}-${nowMs.toString(36)}`
  const { emptySinceMs: _, ...kept } = leg ?? { leg: name, extension, callKey, parts: new Map<number, Participant>(), direction: directionOf(now) } // prettier-ignore
  held.set(key, { ...kept, parts: new Map(kept.parts).set(id, now), direction: refined(kept.direction, now) })
  tell(held, facts, key, nowMs)
}

/** What was unknown may be seen later; an internal call becomes an outside one by a transfer. */
function refined(known: Direction, part: Participant): Direction {
  if (known === 'unknown') return directionOf(part)
  return known === 'internal' && part.partyType === 'Wexternalline' && !isInternal(part)
    ? directionOf(part)
    : known
}

function leave(held: Map<string, HeldLeg>, facts: LiveFact[], extension: string, id: number, nowMs: number) {
  const found = findPart(held, extension, id)
  if (!found) return
  const [key, leg] = found
  const parts = new Map(leg.parts)
  parts.delete(id)
  held.set(key, { ...leg, parts, ...(parts.size === 0 ? { emptySinceMs: nowMs } : {}) })
  if (parts.size > 0) tell(held, facts, key, nowMs)
}

function end(held: Map<string, HeldLeg>, facts: LiveFact[], key: string, nowMs: number): void {
  const leg = held.get(key)
  held.delete(key)
  if (leg?.told) facts.push({ ...leg.told, tells: 'ended', atMs: leg.emptySinceMs ?? nowMs })
}

function list(
  held: Map<string, HeldLeg>,
  facts: LiveFact[],
  { snapshot, isNewer, isAfterGap }: Extract<PbxEvent, { is: 'listed' }>,
  nowMs: number,
): void {
  const there = new Map(snapshot.participants.map((part) => [`${part.extension}/${part.id}`, part]))
  const parts = [...held.values()].flatMap(({ parts }) => [...parts.values()])
  for (const part of parts) {
    if (isNewer(part.extension, part.id)) continue
    const now = there.get(`${part.extension}/${part.id}`)
    if (!now || (isAfterGap && !isSame(part, now))) leave(held, facts, part.extension, part.id, nowMs)
  }
  // Over a gap nobody knows who returned: a call number that was given anew must not go on with an old leg.
  if (isAfterGap) for (const [key, { parts }] of [...held]) if (parts.size === 0) end(held, facts, key, nowMs)
  for (const part of snapshot.participants)
    if (!isNewer(part.extension, part.id)) see(held, facts, part, nowMs)
  // Who answered is told before who rings no more, or a call that a colleague took would seem missed.
  const goingOn = [...held.values()].flatMap(({ told }) => told ?? [])
  const isLate = ({ tells, conversation, extension }: LiveFact) =>
    tells === 'ended' &&
    goingOn.some((one) => one.extension !== extension && one.conversation === conversation)
  facts.sort((a, b) => Number(isLate(a)) - Number(isLate(b)))
}

/** The participant that bears this number now is the one that bore it before: its conversation and its caller are the same. */
function isSame(before: Participant, now: Participant): boolean {
  const sameCall = before.callId === undefined || now.callId === undefined || before.callId === now.callId
  const sameCaller = before.callerId === '' || now.callerId === '' || before.callerId === now.callerId
  return sameCall && sameCaller
}

/** One fact when the strongest of its participants tells something new. */
function tell(held: Map<string, HeldLeg>, facts: LiveFact[], key: string, nowMs: number): void {
  const leg = held.get(key)
  if (!leg) return
  const parts = [...leg.parts.values()]
  const tells = STRONGEST.find((one) => parts.some(({ status }) => tellsOf(status) === one))
  const part = parts.find(({ status }) => tells !== undefined && tellsOf(status) === tells)
  if (!tells || !part) return
  const { told } = leg
  const next: LiveFact = {
    leg: leg.leg,
    extension: leg.extension,
    tells,
    direction: leg.direction,
    ...partyOf(part),
    ...(part.callId === undefined ? {} : { conversation: String(part.callId) }),
    // A call to a group has one number at all its telephones.
    ...(part.callId === undefined ? {} : { conversation: leg.callKey }),
    atMs: told?.tells === tells ? told.atMs : nowMs,
  }
  const isNew =
    !told ||
    leg.isAgain === true ||
    told.tells !== tells ||
    told.direction !== next.direction ||
    told.conversation !== next.conversation ||
    told.remoteNumber !== next.remoteNumber ||
    told.remoteName !== next.remoteName
  if (!isNew) return
  facts.push(next)
  held.set(key, { ...leg, told: next, isAgain: false })
}
