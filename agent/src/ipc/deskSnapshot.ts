import {
  callJoin,
  callerIdentity,
  callId,
  callPhase,
  channel,
  count,
  direction,
  draft,
  draftFields,
  draftRefused,
  partNumber,
  recordingId,
  text,
  wallClockMs,
  wholeMs,
} from '@3cx-ninja/protocol'
import { z } from 'zod'
import { MAX_LIST } from './phoneProgramList.ts'

/** One line of a transcript. A provisional line is replaced under the same id until it is final. */
export const deskLine = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('words'),
    id: text(80),
    speaker: channel,
    state: z.enum(['provisional', 'final']),
    part: partNumber,
    fromMs: wholeMs,
    toMs: wholeMs,
    text: text(4_000),
  }),
  /** The technician marked this moment. */
  z.object({ kind: z.literal('mark'), id: text(80), part: partNumber, fromMs: wholeMs }),
  /** From here on another device captures this channel. */
  z.object({
    kind: z.literal('device'),
    id: text(80),
    channel,
    part: partNumber,
    fromMs: wholeMs,
    label: text(400),
  }),
])
export type DeskLine = z.infer<typeof deskLine>

/** How long a call has been talked; durations count from the sending of the snapshot, by each side's own clock. */
export const talk = z.discriminatedUnion('at', [
  z.object({ at: z.literal('not-yet') }),
  z.object({ at: z.literal('on'), forMs: wholeMs }),
  z.object({ at: z.literal('over'), forMs: wholeMs }),
])

/** A call as the page shows it, with the contact that the hub found. */
export const deskCall = z.object({
  callId,
  phase: callPhase,
  direction,
  number: text(64).optional(),
  /** The contact that the hub found, else the name that the telephone gave. */
  name: text(320).optional(),
  organization: text(320).optional(),
  match: callerIdentity.shape.match.optional(),
  /** Why the PBX's number and name are this call's; absent where they are not, or were taken back. */
  join: callJoin.pick({ reason: true, numbers: true }).optional(),
  startedAtMs: wallClockMs,
  talk,
  recordingId: recordingId.optional(),
  recording: z.discriminatedUnion('at', [
    /** elsewhere: the call is at another telephone, which this PC cannot record. */
    z.object({ at: z.enum(['none', 'elsewhere', 'on', 'paused', 'complete', 'erased']) }),
    z.object({ at: z.literal('refused'), why: z.enum(['no-consent', 'opted-out']) }),
  ]),
  /** True when only the technician reported the call: 'stop' ends the call itself, not only its recording. */
  byHand: z.boolean(),
})
export type DeskCall = z.infer<typeof deskCall>

/** One item that a good ticket needs, and where it is known from. */
export const check = z.object({
  need: z.enum(['name', 'organization', 'device', 'callback', 'tried']),
  state: z.discriminatedUnion('at', [
    z.object({ at: z.literal('open') }),
    z.object({
      at: z.literal('known'),
      from: z.enum(['telephone', 'hub', 'ticket', 'words']),
      detail: text(320),
    }),
  ]),
})
export type Check = z.infer<typeof check>

/** Edits and a decision that the hub has not accepted, with the questions about them. */
export const deskPendingChange = z.object({
  at: z.enum(['waiting', 'sending', 'needs-answer', 'undelivered']),
  /** Why the hub refused the change. */
  why: draftRefused.shape.reason.optional(),
  /** Fields whose edits the hub does not have yet. */
  fields: z.array(draftFields.keyof()),
  decision: z
    .object({
      choice: z.enum(['file', 'hold', 'resume', 'undo', 'discard']),
      madeAtMs: wallClockMs,
      /** True when the draft differs from the one decided on: the technician decides again. */
      needsConfirmation: z.boolean(),
    })
    .optional(),
  /** Both sides' words, for a choice; or only the technician's, which the hub refused. */
  texts: z.array(
    z.object({
      field: draftFields.keyof(),
      mine: text(20_000),
      hub: text(20_000),
    }),
  ),
})
export type DeskPendingChange = z.infer<typeof deskPendingChange>

/** A draft as of the sending: remaining times in `draft.state`, the technician's edits on top in `draft.fields`. */
export const deskDraft = z.object({
  draft,
  /** Under the agent's own id of the call. */
  callId,
  /** True while the hub has not confirmed an edit. */
  pending: z.boolean(),
  pendingChange: deskPendingChange.optional(),
  refused: draftRefused.shape.reason.optional(),
  checklist: z.array(check),
})
export type DeskDraft = z.infer<typeof deskDraft>

/** The link to the hub as the page shows it, and how long it has been so. */
export const deskHub = z.object({
  at: z.enum(['not-set', 'not-enrolled', 'opening', 'open', 'away', 'refused']),
  name: text(120).optional(),
  address: text(400).optional(),
  why: text(600).optional(),
  /** How long it has been so. */
  forMs: wholeMs,
})
export type DeskHub = z.infer<typeof deskHub>

/** Amounts that this PC holds for the hub: recordings, their audio, reports and pending changes. */
export const deskWaiting = z.object({
  recordings: count,
  soundMs: wholeMs,
  reports: count,
  pendingChanges: count,
})

/** The settings that the window shows; everything else is set outside of it. */
export const settingKey = z.enum([
  'hub',
  'extension',
  'name',
  'email',
  'language',
  'locale',
  'theme',
  'microphone',
  'loudspeaker',
  'phonePrograms',
  'startWithSystem',
])
export type SettingKey = z.infer<typeof settingKey>
/** Where a value comes from; the later one in this list wins. */
export const settingOrigin = z.enum(['default', 'user', 'installer', 'environment', 'command-line', 'policy'])
/** One setting of the window. A locked one was set from outside, and the technician cannot change it. */
export const deskSetting = z.object({ value: text(MAX_LIST), from: settingOrigin, locked: z.boolean() })

/** All settings of the window, and the rules of the hub once the hub has sent them. */
export const deskSettings = z.object({
  /** Only the desktop application starts with the system. */
  app: z.enum(['desktop', 'browser']),
  fields: z.record(settingKey, deskSetting),
  /** The hub's rules, once the hub has sent them. */
  rules: z
    .object({
      countdownMs: count,
      language: text(8),
      consent: z.object({ confirmed: z.boolean(), basis: text(40), text: text(4_000) }),
    })
    .optional(),
})
export type DeskSettings = z.infer<typeof deskSettings>

/** `code` chooses the sentence; `message` is what stands there for a code that the page does not know. */
/** Where the audio of a channel really comes from, as capture/sources/channelFeed.ts reports it. */
export const soundOrigins = z.object({
  origin: z.enum(['microphone', '3cx-client', 'everything-but-us', 'system-loopback', 'monitor', 'file']),
  label: text(400),
})

/** A failure that the technician must know: `code` chooses the sentence, and `message` is shown for an unknown code. */
export const deskUserError = z.object({
  id: count,
  atMs: wallClockMs,
  message: text(1_000),
  code: text(40),
  facts: z.record(text(40), z.union([text(400), z.number()])),
})

/** Everything the page shows, apart from lines and levels. A newer snapshot replaces an older one. */
export const deskSnapshot = z.object({
  version: text(40),
  setUp: z.enum(['needed', 'done']),
  hub: deskHub,
  waiting: deskWaiting,
  /** Whether an administrator confirmed the recording rule. */
  consentConfirmed: z.boolean(),
  calls: z.array(deskCall),
  /** Which call's lines are sent: the one at hand, or the last one until the next. */
  shown: callId.optional(),
  drafts: z.array(deskDraft),
  alarms: z.array(z.enum(['microphone-silent', 'caller-silent'])),
  /** True while audio arrives, so that the levels mean something. */
  listening: z.boolean(),
  soundOrigins: z.object({ agent: soundOrigins.optional(), caller: soundOrigins.optional() }),
  userErrors: z.array(deskUserError),
  settings: deskSettings,
})
export type DeskSnapshot = z.infer<typeof deskSnapshot>
