import { maskNumber, maskNumbersIn } from '@3cx-ninja/phone-numbers/maskNumbers.ts'
import type {
  BoardCall,
  CallId,
  Utterance,
  WallboardAgent,
  WallboardCall,
  WallboardTicket,
  WallboardUtterance,
} from '@3cx-ninja/protocol'
import type { KeyOf } from './wallboardKeys.ts'

/** How much of a caller's name a wallboard shows: all of it, the first name, or nothing. */
export type ShownNames = 'full' | 'first' | 'hidden'

/** The site's rules for what may be seen from across a room. Knows nothing of sockets and messages: those live in wallboardFeed.ts. */
export interface WallboardPrivacy {
  /** The site's, in which numbers without a calling code are read. */
  readonly country: string
  readonly names: ShownNames
  /** What a wallboard gets in place of the ids of calls, recordings and utterances. Rule T6. */
  readonly keyOf: KeyOf
}

/** A filed ticket before it is shown: under its call's own id. */
export type FiledTicket = Omit<WallboardTicket, 'callId'> & { readonly callId: CallId }

/** The protocol's limits: a masked number may be a character longer than what it replaces. */
const MAX_REMOTE_NAME = 160
const MAX_NAME = 320
const MAX_TITLE = 200
const MAX_TEXT = 4_000

/**
 * Returns the call as a wallboard shows it: no number is whole in any field, callers are named as the setting says, and
 * what the wallboard's schema does not have (ids, the conversation, the hub's own times) stays here. Rules T2 and T6.
 */
export function shownCall(call: BoardCall, privacy: WallboardPrivacy): Omit<WallboardCall, 'utterances'> {
  const { callId, phase, direction, extension, startedAtMs, recording } = call
  const { talkingSinceMs, endedAtMs, agentName, caller } = call
  const remoteNumberMasked = maskNumber(call.remoteNumber, privacy.country)
  const remoteName = shownName(call.remoteName, privacy)
  return {
    callId: privacy.keyOf(callId),
    ...{ phase, direction, extension, startedAtMs, recording },
    ...(talkingSinceMs === undefined ? {} : { talkingSinceMs }),
    ...(endedAtMs === undefined ? {} : { endedAtMs }),
    ...(agentName === undefined ? {} : { agentName: masked(agentName, MAX_REMOTE_NAME, privacy) }),
    ...(remoteName ? { remoteName: remoteName.slice(0, MAX_REMOTE_NAME) } : {}),
    ...(remoteNumberMasked ? { remoteNumberMasked } : {}),
    ...(caller ? { caller: shownCaller(caller, privacy) } : {}),
  }
}

/**
 * Returns the utterance without its words' times, its numbers masked: a caller who dictates a number says it in digits.
 * Nobody clicks on a wallboard, and a word with its times is ten times its text: the snapshot of 200 calls would be 30 MB,
 * more than a socket may have waiting (sockets/wallboardSocket.ts), so that a busy company's wallboard would be cut off as
 * too slow.
 */
export function shownUtterance(utterance: Utterance, privacy: WallboardPrivacy): WallboardUtterance {
  const { utteranceId, recordingId, channel, part, state, fromMs, toMs, text } = utterance
  const { keyOf } = privacy
  return {
    ...{ utteranceId: keyOf(utteranceId), track: keyOf(recordingId) },
    ...{ channel, part, state, fromMs, toMs },
    text: masked(text, MAX_TEXT, privacy),
  }
}

/** Returns the technician with a number in the name masked. Names of technicians are shown in full: the room is theirs. */
export function shownAgent(agent: WallboardAgent, privacy: WallboardPrivacy): WallboardAgent {
  return { ...agent, name: masked(agent.name, MAX_REMOTE_NAME, privacy) }
}

/** Returns the ticket with the numbers in its texts masked. Its title is shown whatever names are: the helpdesk's staff wrote it. */
export function shownTicket(ticket: FiledTicket, privacy: WallboardPrivacy): WallboardTicket {
  const { organizationName, agentName } = ticket
  return {
    ...ticket,
    callId: privacy.keyOf(ticket.callId),
    title: masked(ticket.title, MAX_TITLE, privacy),
    ...(organizationName === undefined
      ? {}
      : { organizationName: masked(organizationName, MAX_NAME, privacy) }),
    ...(agentName === undefined ? {} : { agentName: masked(agentName, MAX_REMOTE_NAME, privacy) }),
  }
}

function shownCaller(caller: NonNullable<BoardCall['caller']>, privacy: WallboardPrivacy) {
  const { match, organizationName } = caller
  const contactName = shownName(caller.contactName, privacy)
  return {
    match,
    ...(contactName ? { contactName: contactName.slice(0, MAX_NAME) } : {}),
    ...(organizationName === undefined
      ? {}
      : { organizationName: masked(organizationName, MAX_NAME, privacy) }),
  }
}

/** A number in a name is shown masked, as the number beside the name is; a name without letters is nothing else. */
function shownName(name: string | undefined, { country, names }: WallboardPrivacy): string | undefined {
  if (name === undefined || names === 'hidden') return undefined
  const withoutNumbers = maskNumbersIn(name, country)
  return names === 'full' || !/\p{L}/u.test(withoutNumbers) ? withoutNumbers : firstName(withoutNumbers)
}

/** 'Thomas' of 'Thomas Girard', 'GIRARD Thomas' and 'Girard, Thomas': a last name in front is in capitals or before a comma. */
function firstName(name: string): string {
  const words = (name.split(',')[1] ?? name).trim().split(/\s+/)
  const isCapitals = (word: string) => word.length > 1 && word === word.toLocaleUpperCase()
  return words.find((word) => !isCapitals(word)) ?? words[0] ?? ''
}

const masked = (text: string, maxLength: number, { country }: WallboardPrivacy) =>
  maskNumbersIn(text, country).slice(0, maxLength)
