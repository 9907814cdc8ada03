import { z } from 'zod'
import { boardCall, callSnapshot, direction } from './call.ts'
import { callId, draftId, recordingId } from './ids.ts'
import { partHeader, position } from './recording.ts'
import { draft, draftChanges, draftDecision } from './ticket.ts'
import { utterance } from './transcript.ts'
import { count, text, wallClockMs } from './units.ts'

/** Number of a part's stream on one link, chosen by the sender of the part; binary frames carry it instead of the ids. Rule R1. */
export const stream = z.int().min(1).max(0xffff)

// ── agent → hub ────────────────────────────────────────────────────────────────────────────────
/** The agent reports a whole call snapshot; answered by `call-stored`. Rules C1 and C2. */
export const callReport = z.object({
  kind: z.literal('call-report'),
  call: callSnapshot,
  /** The agent's wall clock at sending: the hub learns how far it is ahead or behind. Rule C12. */
  sentAtMs: wallClockMs.optional(),
})
/** The technician takes a join with the PBX's facts back; answered by `call-identified`. Rule C13. */
export const joinTakeBack = z.object({ kind: z.literal('join-take-back'), callId })
/** The agent opens a part under a stream; answered by `part-position` or `part-refused`. Rule R1. */
export const partOpen = z.object({ kind: z.literal('part-open'), stream, header: partHeader })
/** The agent ends the stream of a fully flushed part; it is not answered. Rule R5. */
export const partClose = z.object({ kind: z.literal('part-close'), stream })
/** The agent asks the hub to destroy a recording; repeated until `recording-erased` answers it. Rule R10. */
export const recordingErase = z.object({ kind: z.literal('recording-erase'), recordingId })
/** The technician sees the card of this draft from this revision on; starts its countdown. Rule D2. */
export const draftVisible = z.object({ kind: z.literal('draft-visible'), draftId, revision: count })
/** The technician changed fields of a draft on this revision; refused by `draft-refused` when it is stale. Rules D3 and D4. */
export const draftEdit = z.object({
  kind: z.literal('draft-edit'),
  draftId,
  baseRevision: count,
  changes: draftChanges,
})
/** The technician decided on a draft of this revision; refused by `draft-refused` when it no longer fits. Rules D3 to D5. */
export const draftDecide = z.object({
  kind: z.literal('draft-decide'),
  draftId,
  baseRevision: count,
  decision: draftDecision,
})

/** Every message that an agent sends to the hub after the welcome, by `kind`. */
export const agentToHub = z.discriminatedUnion('kind', [
  callReport,
  joinTakeBack,
  partOpen,
  partClose,
  recordingErase,
  draftVisible,
  draftEdit,
  draftDecide,
])
export type AgentToHub = z.infer<typeof agentToHub>

// ── hub → agent ────────────────────────────────────────────────────────────────────────────────
/** The hub stored the report of this revision durably; the agent may forget older revisions. Rule C2. */
export const callStored = z.object({ kind: z.literal('call-stored'), callId, revision: count })
/** The hub's view of a call under its canonical id, with the caller's identity; `alias` is the agent's own id of it. Rule C4. */
export const callIdentified = z.object({ kind: z.literal('call-identified'), alias: callId, call: boardCall })
/** The PBX's own name of one extension's part in a call, as Call Control reports it. */
export const leg = z.string().min(1).max(64)
/** A change that the PBX reported for a call of this agent's extension. It never starts or stops a recording. Rule C6. */
export const callFact = z.object({
  kind: z.literal('call-fact'),
  leg,
  /** Canonical id of the call to which the hub joined the leg. */
  callId,
  state: z.enum(['ringing', 'talking', 'held', 'ended']),
  direction,
  remoteNumber: text(64).optional(),
  remoteName: text(160).optional(),
  /** The hub's wall clock when it received the change. */
  atMs: wallClockMs,
  /** The leg ended while it rang because a colleague answered: the call was not missed. */
  answered: z.literal(true).optional(),
})
/** States whether the hub is connected to the PBX, and which legs of this agent's extension are active. Rule C7. */
export const pbxLink = z.object({
  kind: z.literal('pbx-link'),
  at: z.enum(['none', 'away', 'open']),
  legs: z.array(leg).max(200),
})
/** The agent continues this stream at `position`: answers `part-open`, and a frame that starts elsewhere. Rules R1 and R2. */
export const partPosition = z.object({ kind: z.literal('part-position'), stream, position })
/** The hub refuses the part and ends its stream; the reason decides whether the agent retries, keeps or deletes. Rule R8. */
export const partRefused = z.object({
  kind: z.literal('part-refused'),
  stream,
  reason: z.enum([
    'erased',
    'not-yours',
    'no-consent',
    'opted-out',
    'disk-full',
    'broken-record',
    'header-differs',
  ]),
  detail: text(400),
})
/** Everything before `position` is flushed to the hub's disk and survives a power cut there. Rule R3. */
export const recordsFlushed = z.object({ kind: z.literal('records-flushed'), stream, position })
/** The recording is transcribed and flushed (or no transcript is wanted): the agent may delete its copy. Rule R9. */
export const recordingSafe = z.object({ kind: z.literal('recording-safe'), recordingId })
/** The hub destroyed its copy; the agent that receives it deletes its own, asked for or not. Rule R10. */
export const recordingErased = z.object({ kind: z.literal('recording-erased'), recordingId })
/** A partial or final of an active call, under the canonical call id, for the technician's screen. Rules U1 to U3. */
export const utteranceToAgent = z.object({ kind: z.literal('utterance'), callId, utterance })
/** A whole draft of this agent, sent at each change and after each welcome. Rule D1. */
export const draftToAgent = z.object({ kind: z.literal('draft'), draft })
/** The hub did not apply an edit or a decision; `draft` is the current one, where this agent owns it. Rule D4. */
export const draftRefused = z.object({
  kind: z.literal('draft-refused'),
  draftId,
  reason: z.enum(['unknown-draft', 'stale-revision', 'too-late', 'not-now']),
  draft: draft.optional(),
})
/**
 * Upper bound of each opt-out list. Characters, count and lengths are limited so that the largest `agent-settings` fits into
 * one message (MAX_FRAME_BYTES): a larger one would close the link for good, and the PC would never receive its rules.
 */
export const MAX_OPT_OUTS = 5_000
/** An extension that is never recorded: at most 16 plain characters of a dial pad or an id. */
export const optOutExtension = text(16).regex(/^[0-9A-Za-z*#+_-]*$/, 'digits, letters, * # + - and _ only')
/** A telephone number that is never recorded, as an administrator writes it: at most 24 characters. Rule S3. */
export const optOutNumber = text(24).regex(
  /^[0-9A-Za-z*#+_().:@/ -]*$/,
  'a telephone number: digits, letters, spaces and * # + - _ ( ) . : @ / only',
)
/** The hub's settings that an agent obeys, sent after each welcome and at each change. Rules S1 to S3. */
export const agentSettings = z.object({
  kind: z.literal('agent-settings'),
  language: text(16),
  /** The site's country, as ISO 3166 writes it: what numbers without a calling code mean. Rule S3. */
  country: z.string().regex(/^[A-Z]{2}$/),
  countdownMs: count,
  consent: z.object({
    confirmed: z.boolean(),
    basis: partHeader.shape.consent.shape.basis,
    ruleVersion: count,
    text: text(4_000),
  }),
  optOut: z.object({
    extensions: z.array(optOutExtension).max(MAX_OPT_OUTS),
    numbers: z.array(optOutNumber).max(MAX_OPT_OUTS),
  }),
})

/** Every message that the hub sends to an agent after the welcome, by `kind`. */
export const hubToAgent = z.discriminatedUnion('kind', [
  callStored,
  callIdentified,
  callFact,
  pbxLink,
  partPosition,
  partRefused,
  recordsFlushed,
  recordingSafe,
  recordingErased,
  utteranceToAgent,
  draftToAgent,
  draftRefused,
  agentSettings,
])
export type HubToAgent = z.infer<typeof hubToAgent>
export type AgentSettings = z.infer<typeof agentSettings>
export type CallFactMessage = z.infer<typeof callFact>
export type PbxLinkMessage = z.infer<typeof pbxLink>
