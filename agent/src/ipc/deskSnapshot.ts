import {
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

/** One line of a transcript. A provisional one is replaced under the same id, until it is final. */
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
  /** From here on this channel is heard by another device. */
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

/** Durations count from the sending of the snapshot, by each side's own clock. */
export const talk = z.discriminatedUnion('at', [
  z.object({ at: z.literal('not-yet') }),
  z.object({ at: z.literal('on'), forMs: wholeMs }),
  z.object({ at: z.literal('over'), forMs: wholeMs }),
])

export const deskCall = z.object({
  callId,
  phase: callPhase,
  direction,
  number: text(64).optional(),
  /** The contact that the hub found, or what the telephone told. */
  name: text(320).optional(),
  organization: text(320).optional(),
  match: callerIdentity.shape.match.optional(),
  startedAtMs: wallClockMs,
  talk,
  recordingId: recordingId.optional(),
  recording: z.discriminatedUnion('at', [
    /** elsewhere: the call is at another telephone, where nothing of it is heard. */
    z.object({ at: z.enum(['none', 'elsewhere', 'on', 'paused', 'complete', 'erased']) }),
    z.object({ at: z.literal('refused'), why: z.enum(['no-consent', 'opted-out']) }),
  ]),
  /** Only the technician told of it: 'stop' ends the call itself, not only its recording. */
  byHand: z.boolean(),
})
export type DeskCall = z.infer<typeof deskCall>

/** What a good ticket needs, and whether it was heard. */
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

/** What the technician wants of a draft and the hub has not accepted, and what there is to be said or asked about it. */
export const deskPendingChange = z.object({
  at: z.enum(['waiting', 'sending', 'needs-answer', 'undelivered']),
  /** Why the hub did not take it. */
  why: draftRefused.shape.reason.optional(),
  /** Whose words are not with the hub yet. */
  fields: z.array(draftFields.keyof()),
  decision: z
    .object({
      choice: z.enum(['file', 'hold', 'resume', 'undo', 'discard']),
      madeAtMs: wallClockMs,
      /** The draft is another one than was decided on: to be decided again. */
      needsConfirmation: z.boolean(),
    })
    .optional(),
  /** Both sides' words, for a choice; or only the technician's, which the hub did not take. */
  texts: z.array(
    z.object({
      field: draftFields.keyof(),
      mine: text(20_000),
      hub: text(20_000),
    }),
  ),
})
export type DeskPendingChange = z.infer<typeof deskPendingChange>

/** `draft.state` with remaining times as of the sending; `draft.fields` with the technician's own edits on top. */
export const deskDraft = z.object({
  draft,
  /** Under the agent's own id of the call. */
  callId,
  /** Edits that the hub has not confirmed. */
  pending: z.boolean(),
  pendingChange: deskPendingChange.optional(),
  refused: draftRefused.shape.reason.optional(),
  checklist: z.array(check),
})
export type DeskDraft = z.infer<typeof deskDraft>

export const deskHub = z.object({
  at: z.enum(['not-set', 'not-enrolled', 'opening', 'open', 'away', 'refused']),
  name: text(120).optional(),
  address: text(400).optional(),
  why: text(600).optional(),
  /** How long it has been so. */
  forMs: wholeMs,
})
export type DeskHub = z.infer<typeof deskHub>

/** What the hub does not have yet. */
export const deskWaiting = z.object({
  recordings: count,
  soundMs: wholeMs,
  reports: count,
  pendingChanges: count,
})

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
export const settingOrigin = z.enum(['default', 'user', 'installer', 'environment', 'command-line', 'policy'])
/** A locked one was set by somebody else, and the technician cannot change it. */
export const deskSetting = z.object({ value: text(MAX_LIST), from: settingOrigin, locked: z.boolean() })

export const deskSettings = z.object({
  /** Only the desktop application starts with the system. */
  app: z.enum(['desktop', 'browser']),
  fields: z.record(settingKey, deskSetting),
  /** The hub's, once it has told them. */
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
/** Where a channel's sound really comes from, as capture/channelFeed.ts tells it. */
export const soundOrigins = z.object({
  origin: z.enum(['microphone', '3cx-client', 'everything-but-us', 'system-loopback', 'monitor', 'file']),
  label: text(400),
})

export const deskUserError = z.object({
  id: count,
  atMs: wallClockMs,
  message: text(1_000),
  code: text(40),
  facts: z.record(text(40), z.union([text(400), z.number()])),
})

/** Everything the page shows, apart from lines and levels. A newer one replaces it. */
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
  /** Sound flows in: the levels mean something. */
  listening: z.boolean(),
  soundOrigins: z.object({ agent: soundOrigins.optional(), caller: soundOrigins.optional() }),
  userErrors: z.array(deskUserError),
  settings: deskSettings,
})
export type DeskSnapshot = z.infer<typeof deskSnapshot>
