import { parseJson } from '@3cx-ninja/protocol'
import { z } from 'zod'

/**
 * One extension's part in a call, as GET /callcontrol/{dn}/participants/{id} returns it; what is missing is empty.
 */
export interface Participant {
  readonly id: number
  readonly extension: string
  /** Dialing, Ringing, Connected; whatever else means "no change". */
  readonly status: string
  /** Groups the parts of one conversation; a small counter that begins again with the PBX. */
  readonly callId: number | undefined
  readonly legId: number | undefined
  /** The other side as the PBX sees it: a trunk's number, an extension, a queue. Not who calls. */
  readonly partyDn: string
  readonly partyType: string
  readonly callerId: string
  readonly callerName: string
  readonly originatedBy: string
}

/** What GET /callcontrol lists: every number that the API client sees, and all their participants. */
export interface Snapshot {
  /** Type by number: Wextension, Wroutepoint, Wqueue. */
  readonly numbers: ReadonlyMap<string, string>
  readonly participants: readonly Participant[]
}

/** What one frame of the event socket says about a participant. */
export type Frame =
  | {
      readonly kind: 'upsert'
      readonly extension: string
      readonly id: number
      readonly embedded?: Participant
    }
  | { readonly kind: 'remove'; readonly extension: string; readonly id: number }

/** More than any PBX has; a hostile list must not fill the memory. */
const MAX_NUMBERS = 20_000
const MAX_PARTICIPANTS = 20_000
const MAX_PARTY = 400

const whole = z.union([
  z.int().min(0),
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
])
/** Text without control characters; a wrong type is an empty one. "None" is 3CX's own word for empty. */
const word = z
  .string()
  .transform((text) =>
    text
      .replaceAll(/\p{Cc}/gu, '')
      .trim()
      .slice(0, MAX_PARTY),
  )
  .catch('')
const type = word.transform((text) => (text === 'None' ? '' : text))
const number = z.string().regex(/^[\w.+*#-]{1,32}$/)

const wire = z.object({
  id: whole,
  status: word,
  callid: whole.optional().catch(undefined),
  legid: whole.optional().catch(undefined),
  party_dn: word,
  party_dn_type: type,
  party_caller_id: word,
  party_caller_name: word,
  originated_by_dn: word,
  originated_by_type: type,
})

/**
 * Returns a participant of this extension; undefined where not even its number can be read. Ignores unknown fields.
 */
export function readParticipant(value: unknown, extension: string): Participant | undefined {
  const read = wire.safeParse(value)
  if (!read.success || !number.safeParse(extension).success) return undefined
  const { id, status, callid, legid, ...party } = read.data
  return {
    id,
    extension,
    status,
    callId: callid,
    legId: legid,
    partyDn: party.party_dn,
    partyType: party.party_dn_type,
    callerId: party.party_caller_id,
    callerName: party.party_caller_name,
    originatedBy: party.originated_by_dn || party.originated_by_type,
  }
}

const listed = z.object({
  dn: number,
  type,
  participants: z.array(z.unknown()).catch([]),
})

/**
 * Returns the list of numbers and participants; undefined: the value is no such list, so nothing may be concluded
 * from it.
 */
export function readSnapshot(value: unknown): Snapshot | undefined {
  if (!Array.isArray(value)) return undefined
  const numbers = new Map<string, string>()
  const participants: Participant[] = []
  for (const one of value.slice(0, MAX_NUMBERS)) {
    const read = listed.safeParse(one)
    if (!read.success) continue
    numbers.set(read.data.dn, read.data.type)
    for (const part of read.data.participants) {
      const known = readParticipant(part, read.data.dn)
      if (known && participants.length < MAX_PARTICIPANTS) participants.push(known)
    }
  }
  // Not one number in a list that is not empty: of another kind, or broken.
  return value.length > 0 && numbers.size === 0 ? undefined : { numbers, participants }
}

const frame = z.object({
  event: z.object({
    event_type: z.int(),
    entity: z.string().max(400),
    attached_data: z.unknown().optional(),
  }),
})
const ENTITY = /^\/callcontrol\/([\w.+*#%-]{1,96})\/participants\/(\d{1,15})\/?$/i
const wrapped = z.object({ StatusCode: z.literal(200), Response: z.unknown() })

/**
 * Returns what a frame says about a participant; undefined for all else (devices, DTMF, prompts, answers, broken
 * ones).
 */
export function readFrame(text: string): Frame | undefined {
  const read = frame.safeParse(parseJson(text))
  if (!read.success) return undefined
  const { event_type, entity, attached_data } = read.data.event
  const [, dn, id] = ENTITY.exec(entity) ?? []
  const extension = dn === undefined ? undefined : decoded(dn)
  if (extension === undefined || id === undefined || !number.safeParse(extension).success) return undefined
  if (event_type === 1) return { kind: 'remove', extension, id: Number(id) }
  if (event_type !== 0) return undefined
  // Null in practice; clients met the participant itself, and one wrapped like an answer.
  const inside = wrapped.safeParse(attached_data)
  const embedded = readParticipant(inside.success ? inside.data.Response : attached_data, extension)
  return {
    kind: 'upsert',
    extension,
    id: Number(id),
    ...(embedded?.id === Number(id) && embedded.status !== '' ? { embedded } : {}),
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
