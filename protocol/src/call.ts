import { z } from 'zod'
import { agentId, callId, helpdeskId, recordingId } from './ids.ts'
import { NEWEST_WALL_CLOCK_MS, count, text, wallClockMs } from './units.ts'

/** Phase of a call: ringing → talking (⇄ held) → wrap-up → done, or ringing → missed. Rule C3. */
export const callPhase = z.enum(['ringing', 'talking', 'held', 'wrap-up', 'done', 'missed'])
export type CallPhase = z.infer<typeof callPhase>
/** Direction of a call as seen from the technician's extension. */
export const direction = z.enum(['inbound', 'outbound', 'internal', 'unknown'])
export type Direction = z.infer<typeof direction>

/** One call as its agent reports it: a whole snapshot, sent again with a higher revision at each change. Rule C1. */
export const callSnapshot = z.object({
  callId,
  revision: count,
  phase: callPhase,
  direction,
  extension: text(32),
  /** The number as the telephone wrote it; the hub normalizes it. */
  remoteNumber: text(64).optional(),
  remoteName: text(160).optional(),
  startedAtMs: wallClockMs,
  talkingSinceMs: wallClockMs.optional(),
  endedAtMs: wallClockMs.optional(),
  recordingId: recordingId.optional(),
  /** recording: in progress; paused; refused: opt-out or no consent; none: not (yet) started; erased: on request. */
  recording: z.enum(['none', 'recording', 'paused', 'refused', 'complete', 'erased']),
  /** No source on the agent's PC detects the call: it is active on another telephone of the same extension. Rule C6. */
  elsewhere: z.literal(true).optional(),
})
export type CallSnapshot = z.infer<typeof callSnapshot>

/** The caller as the hub found it in the helpdesk. `ambiguous`: one number, several contacts; the organization may still be certain. */
export const callerIdentity = z.object({
  match: z.enum(['one', 'ambiguous', 'none']),
  contactName: text(320).optional(),
  contactId: helpdeskId.optional(),
  organizationId: helpdeskId.optional(),
  organizationName: text(320).optional(),
})
export type CallerIdentity = z.infer<typeof callerIdentity>

/** Why the hub took a report of the PBX for the agent's call; the technician reads it on the card. Rules C12 and C13. */
export const joinReason = z.enum(['sender-id', 'start', 'picked-up', 'within', 'only-candidate', 'leg'])
export type JoinReason = z.infer<typeof joinReason>

/** What joined the PBX's report to the agent's call, and what came with it: both can be taken apart again. Rules C12 and C13. */
export const callJoin = z.object({
  reason: joinReason,
  /** same: both sides named one number. unknown: one side named none, which agrees with nothing. */
  numbers: z.enum(['same', 'unknown']),
  /** How far apart both sides said the call began, in the hub's time. */
  apartMs: count,
  joinedAtMs: wallClockMs,
  /** What the PBX said of the call. */
  pbx: z.object({
    direction,
    remoteNumber: text(64).optional(),
    remoteName: text(160).optional(),
    startedAtMs: wallClockMs,
    endedAtMs: wallClockMs.optional(),
    missed: z.boolean(),
  }),
})
export type CallJoin = z.infer<typeof callJoin>

/** One call on the hub's call board, under its canonical id. */
export const boardCall = callSnapshot.extend({
  agentId: agentId.optional(),
  agentName: text(160).optional(),
  caller: callerIdentity.optional(),
  /** Its agent claims an extension with which it did not enroll: the PBX's facts are never joined to the call. Rule C9. */
  localOnly: z.literal(true).optional(),
  /** Calls of colleagues that go on in this one after a transfer, by the PBX's word: their text stands in its draft. Rule C11. */
  continues: z.array(callId).max(20).optional(),
  /** The call of the colleague in which this one goes on, by the PBX's word: its agent may play this call back. Rule C11. */
  continuedBy: callId.optional(),
  /** The PBX's name of the conversation, the same for every telephone that rang for it; valid for minutes only. */
  conversation: text(64).optional(),
  /** Time at which the PBX reported the end. A report of the call's own agent still decides. */
  pbxEndedAtMs: wallClockMs.optional(),
  /** Time since which the hub presumes the call over because its agent is away; the agent's next report removes it. Rule C8. */
  presumedOverAtMs: wallClockMs.optional(),
  /** How far the clock of its agent was ahead of the hub's when it reported the call; its times are the agent's. Rule C12. */
  clockAheadMs: z.int().min(-NEWEST_WALL_CLOCK_MS).max(NEWEST_WALL_CLOCK_MS).optional(),
  /** The PBX's facts in this call, where they were joined to it; absent after the technician took them back. Rule C13. */
  join: callJoin.optional(),
})
export type BoardCall = z.infer<typeof boardCall>
