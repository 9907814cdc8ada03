import { z } from 'zod'
import { boardCall, callerIdentity } from './call.ts'
import { agentId, helpdeskId, wallboardKey } from './ids.ts'
import { priority } from './ticket.ts'
import { utterance } from './transcript.ts'
import { count, text, wallClockMs } from './units.ts'

/** What was said, without the ids of utterance and recording: keys keep the lines of one call apart. Rule T6. */
export const wallboardUtterance = utterance
  .pick({ channel: true, part: true, state: true, fromMs: true, toMs: true, text: true })
  .extend({ utteranceId: wallboardKey, track: wallboardKey })
export type WallboardUtterance = z.infer<typeof wallboardUtterance>

/** What the wallboard shows of a call: never the full number, and under a key of its own. Rules T2 and T6. */
export const wallboardCall = boardCall
  .pick({
    phase: true,
    direction: true,
    extension: true,
    remoteName: true,
    startedAtMs: true,
    talkingSinceMs: true,
    endedAtMs: true,
    recording: true,
    agentName: true,
  })
  .extend({
    callId: wallboardKey,
    /** The caller by name, without the helpdesk's ids: a wallboard opens nothing. */
    caller: callerIdentity.pick({ match: true, contactName: true, organizationName: true }).optional(),
    remoteNumberMasked: text(64).optional(),
    utterances: z.array(wallboardUtterance).max(40),
  })
export type WallboardCall = z.infer<typeof wallboardCall>

/** A technician as the wallboard shows one: state, and the time since which it holds. */
export const wallboardAgent = z.object({
  agentId,
  name: text(160),
  extension: text(32),
  state: z.enum(['offline', 'available', 'ringing', 'talking', 'held', 'wrap-up']),
  sinceMs: wallClockMs,
})
export type WallboardAgent = z.infer<typeof wallboardAgent>

/** A filed ticket as the wallboard lists it; its texts are masked like a call's. Rule T2. */
export const wallboardTicket = z.object({
  callId: wallboardKey,
  ticketId: helpdeskId,
  title: text(200),
  organizationName: text(320).optional(),
  agentName: text(160).optional(),
  priority,
  filedAtMs: wallClockMs,
})
export type WallboardTicket = z.infer<typeof wallboardTicket>

/** Figures that the hub counted and never estimates; null where nothing was measured yet. Rule T4. */
export const wallboardFigures = z.object({
  sinceMs: wallClockMs,
  callsToday: count,
  missedToday: count,
  ticketsToday: count,
  draftsWaiting: count,
  callsActive: count,
  slotsTotal: count,
  slotsUsed: count,
  talkMsToday: count,
  /** Median ms from hang-up to draft, today. */
  hangUpToDraftMs: count.nullable(),
})
export type WallboardFigures = z.infer<typeof wallboardFigures>

/** The whole state of a wallboard, sent after each welcome; it replaces everything. Rule T1. */
export const wallboardSnapshot = z.object({
  kind: z.literal('wallboard-snapshot'),
  hubTimeMs: wallClockMs,
  calls: z.array(wallboardCall),
  agents: z.array(wallboardAgent),
  tickets: z.array(wallboardTicket),
  figures: wallboardFigures,
})
/** Every message that the hub sends to a wallboard after the welcome, by `kind`. Rules T1 to T4. */
export const hubToWallboard = z.discriminatedUnion('kind', [
  wallboardSnapshot,
  z.object({ kind: z.literal('wallboard-call'), call: wallboardCall.omit({ utterances: true }) }),
  z.object({ kind: z.literal('wallboard-call-gone'), callId: wallboardKey }),
  z.object({
    kind: z.literal('wallboard-utterance'),
    callId: wallboardKey,
    utterance: wallboardUtterance,
  }),
  z.object({ kind: z.literal('wallboard-agent'), agent: wallboardAgent }),
  z.object({ kind: z.literal('wallboard-ticket'), ticket: wallboardTicket }),
  z.object({ kind: z.literal('wallboard-figures'), figures: wallboardFigures }),
])
export type HubToWallboard = z.infer<typeof hubToWallboard>
export type WallboardSnapshot = z.infer<typeof wallboardSnapshot>
