import {
  callId,
  channel,
  count,
  direction,
  draftChanges,
  draftDecision,
  draftFields,
  draftId,
  helpdeskId,
  text,
  wallClockMs,
  wholeMs,
} from '@3cx-ninja/protocol'
import { z } from 'zod'
import { deskLine, deskSnapshot, settingKey } from './deskSnapshot.ts'
import type { FunctionName } from './functionNames.ts'
import { MAX_LIST } from './phoneProgramList.ts'

const nothing = z.object({})
/** `kept`: stored on this disk, and sent when the hub is back. */
const changeOutcome = z.enum(['sent', 'kept', 'hub-away', 'unknown-draft'])

/** A finished call as the list of the history shows it. */
export const pastCall = z.object({
  callId,
  startedAtMs: wallClockMs,
  direction,
  talkMs: wholeMs.optional(),
  missed: z.boolean(),
  recorded: z.enum(['yes', 'no', 'erased']),
  number: text(64).optional(),
  name: text(320).optional(),
  organization: text(320).optional(),
  title: text(200).optional(),
  ticket: z.discriminatedUnion('at', [
    z.object({ at: z.enum(['none', 'waiting', 'discarded']) }),
    z.object({ at: z.literal('blocked'), detail: text(600) }),
    z.object({ at: z.literal('filed'), ticketId: helpdeskId, url: text(400).optional() }),
  ]),
  /** The line of the transcript that holds the searched words. */
  found: text(240).optional(),
})
export type PastCall = z.infer<typeof pastCall>

/** Where the audio of a call can be played; `starts` gives the offset of each part in it. */
export const callAudio = z.discriminatedUnion('at', [
  z.object({
    at: z.literal('here'),
    /** `hub`: this PC's copy is gone, and the hub plays the recording. */
    from: z.enum(['pc', 'hub']),
    url: text(200),
    durationMs: wholeMs,
    starts: z.array(z.object({ part: count, atMs: wholeMs })),
  }),
  z.object({
    at: z.literal('gone'),
    why: z.enum([
      'not-recorded',
      'erased',
      /** The retention time is over on the hub, too. */
      'expired',
      /** The hub has no recording of this agent under this id. */
      'unknown',
      'hub-away',
      'hub-busy',
      'hub-refused',
      'hub-old',
    ]),
  }),
])
export type CallAudio = z.infer<typeof callAudio>

/** One checked link of the chain from the telephone to the ticket, with the facts of its sentence. */
export const diagnosisCheck = z.object({
  check: z.enum([
    'hub',
    'certificate',
    'enrollment',
    'clock',
    'recording-rule',
    'call-sources',
    'sound',
    'disk',
    'waiting',
    'workers',
    'helpdesk',
  ]),
  verdict: z.enum(['good', 'warning', 'bad', 'unknown']),
  /** Chooses the sentence `diagnosis.<check>.<finding>`. */
  finding: text(40),
  facts: z.record(text(40), z.union([text(400), z.number()])),
})
export type DiagnosisCheck = z.infer<typeof diagnosisCheck>

/** Why this PC could not be enrolled; the page has a sentence for each reason, and `detail` helps an administrator. */
export const setUpRefusal = z.enum([
  'missing',
  'not-allowed',
  'unreachable',
  'not-protected',
  'wrong-hub',
  'unexpected-answer',
  'key-incomplete',
  'key-refused',
])
export type SetUpRefusal = z.infer<typeof setUpRefusal>

const device = z.object({ id: text(200), label: text(200) })

/** Every function of the page with the schemas of its input and output. Main parses both at each call. */
export const functions = {
  /** Applies a user action to a call; without `callId` to the call at hand. */
  actOnCall: {
    input: z.object({
      action: z.enum(['start', 'stop', 'pause', 'resume', 'mark', 'erase', 'take-back-join']),
      callId: callId.optional(),
    }),
    output: nothing,
  },
  /** Reports whether the card is on the screen. */
  showDraft: { input: z.object({ draftId, visible: z.boolean() }), output: nothing },
  editDraft: {
    input: z.object({ draftId, changes: draftChanges }),
    output: z.object({ outcome: changeOutcome }),
  },
  decideDraft: {
    input: z.object({ draftId, choice: draftDecision }),
    output: z.object({ outcome: changeOutcome }),
  },
  /** Answers a question about an earlier pending change, or confirms that the reason of a failed delivery was read. */
  answerPendingChange: {
    input: z.object({
      draftId,
      answer: z.discriminatedUnion('kind', [
        z.object({
          kind: z.literal('field'),
          field: draftFields.keyof(),
          resolution: z.enum(['mine', 'hub']),
        }),
        z.object({ kind: z.literal('decision'), resolution: z.enum(['again', 'drop']) }),
        z.object({ kind: z.literal('undelivered') }),
      ]),
    }),
    output: z.object({ outcome: changeOutcome }),
  },
  /** Returns past calls that hold every word, newest first. */
  searchCalls: {
    input: z.object({ words: text(200), skip: count.max(100_000), limit: z.int().min(1).max(100) }),
    output: z.object({ calls: z.array(pastCall), total: count }),
  },
  openCall: {
    input: z.object({ callId }),
    output: z.object({
      call: z
        .object({ past: pastCall, lines: z.array(deskLine), description: text(20_000).optional() })
        .nullable(),
      audio: callAudio,
    }),
  },
  /** Files a draft that waits for a person, and offers the recording to the hub again. */
  sendAgain: {
    input: z.object({ callId }),
    output: z.object({ outcome: z.enum(['sent', 'kept', 'hub-away', 'nothing-waits']) }),
  },
  saveSettings: {
    input: z.object({ changes: z.partialRecord(settingKey, text(MAX_LIST)) }),
    output: z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true) }),
      z.object({ ok: z.literal(false), wrong: z.array(settingKey), why: text(600) }),
    ]),
  },
  /** Finds hubs that announce themselves on this network; answers after about two seconds. */
  findHubs: {
    input: nothing,
    output: z.object({ hubs: z.array(z.object({ name: text(120), address: text(400) })) }),
  },
  /** Stores the values and enrolls at the hub. */
  setUp: {
    input: z.object({
      hub: text(400),
      enrollmentKey: text(400),
      extension: text(32),
      name: text(120),
      email: text(254),
    }),
    output: z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), hubName: text(120) }),
      z.object({
        ok: z.literal(false),
        field: z.enum(['hub', 'enrollmentKey', 'extension', 'name', 'email']),
        why: setUpRefusal,
        detail: text(600),
      }),
    ]),
  },
  listDevices: {
    input: nothing,
    output: z.discriminatedUnion('at', [
      z.object({ at: z.literal('known'), microphones: z.array(device), loudspeakers: z.array(device) }),
      z.object({ at: z.literal('unknown'), source: text(80) }),
    ]),
  },
  /**
   * Lists the programs that use the microphone or used it, newest first, so that nobody must know the telephone's program
   * name.
   */
  listMicrophonePrograms: {
    input: nothing,
    output: z.object({
      programs: z
        .array(
          z.object({
            name: text(120),
            inUse: z.boolean(),
            usedAtMs: wallClockMs.optional(),
            /** True when the program counts as the telephone already. */
            counts: z.boolean(),
          }),
        )
        .max(50),
    }),
  },
  /** Captures both channels for a few seconds; the levels come as events meanwhile. */
  testSound: {
    input: nothing,
    output: z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), audible: z.array(channel), url: text(200) }),
      z.object({ ok: z.literal(false), why: z.enum(['call-on', 'failed']), detail: text(400) }),
    ]),
  },
  diagnose: {
    input: nothing,
    output: z.object({
      atMs: wallClockMs,
      version: text(40),
      machine: text(120),
      checks: z.array(diagnosisCheck),
    }),
  },
  dismissUserError: { input: z.object({ id: count }), output: nothing },
} as const satisfies Record<FunctionName, { input: z.ZodType; output: z.ZodType }>

/** The type of the table, from which inputs, outputs and the bridge are inferred. */
export type Functions = typeof functions
export type Input<Name extends FunctionName> = z.infer<Functions[Name]['input']>
export type Output<Name extends FunctionName> = z.infer<Functions[Name]['output']>

/** A share of full scale, 0 to 1: the loudest sample of the last tenth of a second. */
const level = z.number().min(0).max(1)

/** What main publishes to the page: at most ten events of each kind a second. */
export const deskEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('snapshot'), desk: deskSnapshot }),
  /** `all` replaces what the page has; `changed` replaces lines of the same id and adds the others. */
  z.object({
    kind: z.literal('lines'),
    callId,
    extent: z.enum(['all', 'changed']),
    lines: z.array(deskLine),
  }),
  z.object({ kind: z.literal('levels'), agent: level, caller: level }),
  /** The share of a hub recording that is on this PC by now; `url` equals the one of `openCall`. */
  z.object({ kind: z.literal('fetched'), url: text(200), share: level }),
])
export type DeskEvent = z.infer<typeof deskEvent>

/** What every function answers. `failed` carries words that say what happened and what to do. */
export type Answer<Name extends FunctionName> =
  | { readonly ok: true; readonly value: Output<Name> }
  | {
      readonly ok: false
      readonly error: 'broken-argument' | 'failed' | 'disconnected'
      readonly message: string
    }

/** The functions and events that the page gets from main; Electron's preload and the browser's socket both create one. */
export type DeskBridge = {
  readonly [Name in FunctionName]: (input: Input<Name>) => Promise<Answer<Name>>
} & {
  readonly onEvent: (listener: (kind: DeskEvent) => void) => () => void
  /** Calls the listener with whether main answers; Electron's main always does. */
  readonly onConnection: (listener: (state: 'on' | 'off') => void) => () => void
}
