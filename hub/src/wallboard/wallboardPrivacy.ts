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
import { maskPersonal, maskPersonalIn } from '../masking/maskPersonal.ts'
import { maskSecrets } from '../masking/maskSecrets.ts'
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
/** A number is read out over no more utterances than this, with those of the other side in between. */
const CONTEXT = 6

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
 * Returns the utterances without their words' times and without personal data: a caller who dictates a number says it in
 * words, and over several utterances. Nobody clicks on a wallboard, and a word with its times is ten times its text: the
 * snapshot of 200 calls would be 30 MB, more than a socket may have waiting (sockets/wallboardSocket.ts), so that a busy
 * company's wallboard would be cut off as too slow.
 */
export function shownUtterances(
  utterances: readonly Utterance[],
  { country, keyOf }: WallboardPrivacy,
): WallboardUtterance[] {
  const texts = maskPersonal(utterances, country)
  return utterances.map(({ utteranceId, recordingId, channel, part, state, fromMs, toMs }, index) => ({
    ...{ utteranceId: keyOf(utteranceId), track: keyOf(recordingId) },
    ...{ channel, part, state, fromMs, toMs },
    text: (texts[index] ?? '').slice(0, MAX_TEXT),
  }))
}

/**
 * Returns a new utterance as a wallboard shows it, behind the earlier ones that it completes to a number: the first half of a
 * number was shown before anybody could know what it was.
 */
export function shownUtterance(
  utterance: Utterance,
  recent: readonly Utterance[],
  privacy: WallboardPrivacy,
): readonly WallboardUtterance[] {
  const context = recent.filter(({ utteranceId }) => utteranceId !== utterance.utteranceId).slice(-CONTEXT)
  const shown = shownUtterances([...context, utterance], privacy)
  const own = shown.slice(-1)
  if (utterance.state === 'partial' || context.length === 0) return own
  const before = shownUtterances(context, privacy)
  const completed = shown.filter((one, index) => one.state === 'final' && before[index] !== undefined && before[index].text !== one.text) // prettier-ignore
  return [...completed, ...own]
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
  maskPersonalIn(maskSecrets(text), country).slice(0, maxLength)
