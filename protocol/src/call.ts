import { z } from 'zod'
import { agentId, callId, recordingId } from './ids.ts'
import { count, text, wallClockMs } from './units.ts'

/** ringing → talking (⇄ held) → wrap-up → done, or missed. */
export const callPhase = z.enum(['ringing', 'talking', 'held', 'wrap-up', 'done', 'missed'])
export type CallPhase = z.infer<typeof callPhase>
/** Returns whether the call goes on: it rings, is talked or is on hold. */
export const isActive = ({ phase }: { readonly phase: CallPhase }): boolean =>
  phase === 'ringing' || phase === 'talking' || phase === 'held'
/** Returns whether nothing of the call is left to do: it is done or was missed (a call in wrap-up is neither active nor settled). */
export const isSettled = ({ phase }: { readonly phase: CallPhase }): boolean =>
  phase === 'done' || phase === 'missed'
export const direction = z.enum(['inbound', 'outbound', 'internal', 'unknown'])
export type Direction = z.infer<typeof direction>

/** One call as its agent sees it: a whole snapshot, sent again with a higher revision at each change. */
export const callSnapshot = z.object({
  callId,
  revision: count,
  phase: callPhase,
  direction,
  extension: text(32),
  /** As the telephone gave it; the hub normalizes. */
  remoteNumber: text(64).optional(),
  remoteName: text(160).optional(),
  startedAtMs: wallClockMs,
  talkingSinceMs: wallClockMs.optional(),
  endedAtMs: wallClockMs.optional(),
  recordingId: recordingId.optional(),
  /** recording: being written; paused; refused: opt-out or no consent; none: not (yet) started; erased on request. */
  recording: z.enum(['none', 'recording', 'paused', 'refused', 'complete', 'erased']),
  /** Nothing on the agent's PC hears it: it goes on at another telephone of the same extension. Rule C6. */
  elsewhere: z.literal(true).optional(),
})
export type CallSnapshot = z.infer<typeof callSnapshot>

/** Who is calling, as the hub found it in NinjaOne. `ambiguous`: one number, several people; the organization may still be known. */
export const callerIdentity = z.object({
  match: z.enum(['one', 'ambiguous', 'none']),
  contactName: text(320).optional(),
  contactUid: text(64).optional(),
  organizationId: z.int().optional(),
  organizationName: text(320).optional(),
})
export type CallerIdentity = z.infer<typeof callerIdentity>

/** One call as the hub's call board knows it, under its canonical id. */
export const boardCall = callSnapshot.extend({
  agentId: agentId.optional(),
  agentName: text(160).optional(),
  caller: callerIdentity.optional(),
  /** The PBX's name of the conversation, the same for every telephone that rang with it; good for minutes only. */
  conversation: text(64).optional(),
  /** When the PBX said that it is over. An agent that speaks for its call decides all the same. */
  pbxEndedAtMs: wallClockMs.optional(),
  /** Since when the hub takes it to be over, because its agent is away; gone with the agent's next report. Rule C8. */
  presumedOverAtMs: wallClockMs.optional(),
})
export type BoardCall = z.infer<typeof boardCall>
