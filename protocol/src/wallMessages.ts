import { z } from 'zod'
import { boardCall } from './call.ts'
import { agentId, callId } from './ids.ts'
import { priority } from './ticket.ts'
import { utterance } from './transcript.ts'
import { count, text, wallMs } from './units.ts'

/** What the wall shows of a call: never the full number. */
export const wallCall = boardCall
  .pick({
    callId: true,
    phase: true,
    direction: true,
    extension: true,
    remoteName: true,
    startedAtMs: true,
    talkingSinceMs: true,
    endedAtMs: true,
    recording: true,
    agentName: true,
    caller: true,
  })
  .extend({ remoteNumberMasked: text(64).optional(), lines: z.array(utterance).max(40) })
export type WallCall = z.infer<typeof wallCall>

export const wallAgent = z.object({
  agentId,
  name: text(160),
  extension: text(32),
  state: z.enum(['offline', 'available', 'ringing', 'talking', 'held', 'wrap-up']),
  sinceMs: wallMs,
})
export type WallAgent = z.infer<typeof wallAgent>

export const wallTicket = z.object({
  callId,
  ticketId: z.int(),
  title: text(200),
  organizationName: text(320).optional(),
  agentName: text(160).optional(),
  priority,
  filedAtMs: wallMs,
})
export type WallTicket = z.infer<typeof wallTicket>

/** Counted, never estimated; null where nothing was measured yet. */
export const wallFigures = z.object({
  sinceMs: wallMs,
  callsToday: count,
  missedToday: count,
  ticketsToday: count,
  draftsWaiting: count,
  callsOn: count,
  placesTotal: count,
  placesTaken: count,
  talkMsToday: count,
  /** Median ms from hang-up to draft, today. */
  hangUpToDraftMs: count.nullable(),
})
export type WallFigures = z.infer<typeof wallFigures>

export const wallSnapshot = z.object({
  kind: z.literal('wall-snapshot'),
  hubTimeMs: wallMs,
  calls: z.array(wallCall),
  agents: z.array(wallAgent),
  tickets: z.array(wallTicket),
  figures: wallFigures,
})
export const hubToWall = z.discriminatedUnion('kind', [
  wallSnapshot,
  z.object({ kind: z.literal('wall-call'), call: wallCall.omit({ lines: true }) }),
  z.object({ kind: z.literal('wall-call-gone'), callId }),
  z.object({ kind: z.literal('wall-utterance'), callId, utterance }),
  z.object({ kind: z.literal('wall-agent'), agent: wallAgent }),
  z.object({ kind: z.literal('wall-ticket'), ticket: wallTicket }),
  z.object({ kind: z.literal('wall-figures'), figures: wallFigures }),
])
export type HubToWall = z.infer<typeof hubToWall>
export type WallSnapshot = z.infer<typeof wallSnapshot>
