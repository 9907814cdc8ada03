import { z } from 'zod'
import { boardCall, callSnapshot, direction } from './call.ts'
import { callId, draftId, recordingId } from './ids.ts'
import { partHeader, position } from './recording.ts'
import { draft, draftChanges, draftDecision } from './ticket.ts'
import { utterance } from './transcript.ts'
import { count, text, wallClockMs } from './units.ts'

/** Number of a part's stream on this link, chosen by the agent; binary frames name it instead of the ids. */
export const stream = z.int().min(1).max(0xffff)

// ── agent → hub ────────────────────────────────────────────────────────────────────────────────
export const callReport = z.object({ kind: z.literal('call-report'), call: callSnapshot })
export const partOpen = z.object({ kind: z.literal('part-open'), stream, header: partHeader })
export const partClose = z.object({ kind: z.literal('part-close'), stream })
export const recordingErase = z.object({ kind: z.literal('recording-erase'), recordingId })
export const draftVisible = z.object({ kind: z.literal('draft-visible'), draftId, revision: count })
export const draftEdit = z.object({
  kind: z.literal('draft-edit'),
  draftId,
  baseRevision: count,
  changes: draftChanges,
})
export const draftDecide = z.object({
  kind: z.literal('draft-decide'),
  draftId,
  baseRevision: count,
  decision: draftDecision,
})

export const agentToHub = z.discriminatedUnion('kind', [
  callReport,
  partOpen,
  partClose,
  recordingErase,
  draftVisible,
  draftEdit,
  draftDecide,
])
export type AgentToHub = z.infer<typeof agentToHub>

// ── hub → agent ────────────────────────────────────────────────────────────────────────────────
/** The report with this revision is stored durably; the agent may forget older ones. */
export const callStored = z.object({ kind: z.literal('call-stored'), callId, revision: count })
/** The call under its canonical id, with what the hub knows about the caller. `alias` is the agent's own id. */
export const callIdentified = z.object({ kind: z.literal('call-identified'), alias: callId, call: boardCall })
/** The PBX's own name of one extension's part in a call. */
export const leg = z.string().min(1).max(64)
/** What the PBX tells of a call of this agent's extension while it goes on. Rule C6. */
export const callFact = z.object({
  kind: z.literal('call-fact'),
  leg,
  /** The call that the hub has joined it to: canonical. */
  callId,
  state: z.enum(['ringing', 'talking', 'held', 'ended']),
  direction,
  remoteNumber: text(64).optional(),
  remoteName: text(160).optional(),
  /** The hub's wall clock, when it heard it. */
  atMs: wallClockMs,
  /** Ended while it rang because somebody else took it: not missed. */
  answered: z.literal(true).optional(),
})
/** Whether the hub hears the PBX, and which legs of this agent's extension go on. Rule C7. */
export const pbxLink = z.object({
  kind: z.literal('pbx-link'),
  at: z.enum(['none', 'away', 'open']),
  legs: z.array(leg).max(200),
})
/** Go on at `position`. Answer to part-open, and to a frame that does not start there. */
export const partPosition = z.object({ kind: z.literal('part-position'), stream, position })
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
/** Everything before `position` is flushed to the hub's disk. */
export const recordsFlushed = z.object({ kind: z.literal('records-flushed'), stream, position })
/** Transcribed and safe (or not wanted): the agent may delete its copy. */
export const recordingSafe = z.object({ kind: z.literal('recording-safe'), recordingId })
export const recordingErased = z.object({ kind: z.literal('recording-erased'), recordingId })
export const utteranceToAgent = z.object({ kind: z.literal('utterance'), callId, utterance })
export const draftToAgent = z.object({ kind: z.literal('draft'), draft })
/** The wish was not carried out; `draft` is how it stands. */
export const draftRefused = z.object({
  kind: z.literal('draft-refused'),
  draftId,
  reason: z.enum(['unknown-draft', 'stale-revision', 'too-late', 'not-now']),
  draft: draft.optional(),
})
/**
 * Who is never recorded. Plain characters, and so many and so long that the largest `agent-settings` fits into one message
 * (MAX_FRAME_BYTES): one that did not would close the link for good, and the PC would never get its rules.
 */
export const MAX_OPT_OUTS = 5_000
export const optOutExtension = text(16).regex(/^[0-9A-Za-z*#+_-]*$/, 'digits, letters, * # + - and _ only')
export const optOutNumber = text(24).regex(
  /^[0-9A-Za-z*#+_().:@/ -]*$/,
  'a telephone number: digits, letters, spaces and * # + - _ ( ) . : @ / only',
)
/** What an agent needs of the hub's settings. Sent after welcome and at each change. */
export const agentSettings = z.object({
  kind: z.literal('agent-settings'),
  language: text(16),
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
