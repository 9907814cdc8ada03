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
/** `kept`: on this PC's disk, and sent when the hub is back. */
const wishOutcome = z.enum(['sent', 'kept', 'hub-away', 'unknown-draft'])

/** How a finished call stands, for the list. */
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
  /** Words around what was searched. */
  found: text(240).optional(),
})
export type PastCall = z.infer<typeof pastCall>

/** Where the sound of a call can be heard: `starts` tells where each part begins in it. */
export const callAudio = z.discriminatedUnion('at', [
  z.object({
    at: z.literal('here'),
    /** `hub`: this PC's copy is gone, and what is played comes from there. */
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
      /** Its time was over on the hub, too. */
      'expired',
      /** The hub has nothing of it that is ours. */
      'unknown',
      'hub-away',
      'hub-busy',
      'hub-refused',
      'hub-old',
    ]),
  }),
])
export type CallAudio = z.infer<typeof callAudio>

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
    'ninjaone',
  ]),
  verdict: z.enum(['good', 'warning', 'bad', 'unknown']),
  /** Which sentence says it: `diagnosis.<check>.<finding>`. */
  finding: text(40),
  facts: z.record(text(40), z.union([text(400), z.number()])),
})
export type DiagnosisCheck = z.infer<typeof diagnosisCheck>

/** Why this PC could not be enrolled; `detail` is the hub's or the system's own word for whoever helps. */
export const setUpRefusal = z.enum([
  'missing',
  'not-allowed',
  'unreachable',
  'not-protected',
  'wrong-hub',
  'odd-answer',
  'key-incomplete',
  'key-refused',
])
export type SetUpRefusal = z.infer<typeof setUpRefusal>

const device = z.object({ id: text(200), label: text(200) })

/** Every function of the page, once: what it takes and what it gives. Main checks both at each call. */
export const functions = {
  /** What the technician wants with a call; without `callId` with the one at hand. */
  wishCall: {
    takes: z.object({
      wish: z.enum(['start', 'stop', 'pause', 'resume', 'mark', 'erase']),
      callId: callId.optional(),
    }),
    gives: nothing,
  },
  /** The card is on the screen, or not any more. */
  showDraft: { takes: z.object({ draftId, visible: z.boolean() }), gives: nothing },
  editDraft: {
    takes: z.object({ draftId, changes: draftChanges }),
    gives: z.object({ outcome: wishOutcome }),
  },
  decideDraft: {
    takes: z.object({ draftId, choice: draftDecision }),
    gives: z.object({ outcome: wishOutcome }),
  },
  /** What the technician says to a question about an earlier wish, or that what was not taken has been read. */
  answerWish: {
    takes: z.object({
      draftId,
      answer: z.discriminatedUnion('about', [
        z.object({ about: z.literal('field'), field: draftFields.keyof(), use: z.enum(['mine', 'hub']) }),
        z.object({ about: z.literal('decision'), use: z.enum(['again', 'drop']) }),
        z.object({ about: z.literal('undelivered') }),
      ]),
    }),
    gives: z.object({ outcome: wishOutcome }),
  },
  /** Newest first; every word of `words` is in the call. */
  searchCalls: {
    takes: z.object({ words: text(200), skip: count.max(100_000), limit: z.int().min(1).max(100) }),
    gives: z.object({ calls: z.array(pastCall), total: count }),
  },
  openCall: {
    takes: z.object({ callId }),
    gives: z.object({
      call: z
        .object({ past: pastCall, lines: z.array(deskLine), description: text(20_000).optional() })
        .nullable(),
      audio: callAudio,
    }),
  },
  /** Files a draft that waits for somebody, and asks the hub once more to take the recording. */
  sendAgain: {
    takes: z.object({ callId }),
    gives: z.object({ outcome: z.enum(['sent', 'kept', 'hub-away', 'nothing-waits']) }),
  },
  saveSettings: {
    takes: z.object({ changes: z.partialRecord(settingKey, text(MAX_LIST)) }),
    gives: z.discriminatedUnion('saved', [
      z.object({ saved: z.literal(true) }),
      z.object({ saved: z.literal(false), wrong: z.array(settingKey), why: text(600) }),
    ]),
  },
  /** Hubs that announce themselves on this network; takes about two seconds. */
  findHubs: {
    takes: nothing,
    gives: z.object({ hubs: z.array(z.object({ name: text(120), address: text(400) })) }),
  },
  /** Enrolls at a hub and keeps the values. */
  setUp: {
    takes: z.object({
      hub: text(400),
      enrollmentKey: text(400),
      extension: text(32),
      name: text(120),
      email: text(254),
    }),
    gives: z.discriminatedUnion('done', [
      z.object({ done: z.literal(true), hubName: text(120) }),
      z.object({
        done: z.literal(false),
        field: z.enum(['hub', 'enrollmentKey', 'extension', 'name', 'email']),
        why: setUpRefusal,
        detail: text(600),
      }),
    ]),
  },
  listDevices: {
    takes: nothing,
    gives: z.discriminatedUnion('at', [
      z.object({ at: z.literal('known'), microphones: z.array(device), loudspeakers: z.array(device) }),
      z.object({ at: z.literal('unknown'), source: text(80) }),
    ]),
  },
  /** Programs that use the microphone or did, newest first, so that the telephone's name need not be known. */
  listMicrophonePrograms: {
    takes: nothing,
    gives: z.object({
      programs: z
        .array(
          z.object({
            name: text(120),
            inUse: z.boolean(),
            usedAtMs: wallClockMs.optional(),
            /** Counts as the telephone already. */
            counts: z.boolean(),
          }),
        )
        .max(50),
    }),
  },
  /** Listens for a few seconds to both channels; the levels come as events meanwhile. */
  testSound: {
    takes: nothing,
    gives: z.discriminatedUnion('done', [
      z.object({ done: z.literal(true), heard: z.array(channel), url: text(200) }),
      z.object({ done: z.literal(false), why: z.enum(['call-on', 'failed']), detail: text(400) }),
    ]),
  },
  diagnose: {
    takes: nothing,
    gives: z.object({
      atMs: wallClockMs,
      version: text(40),
      machine: text(120),
      checks: z.array(diagnosisCheck),
    }),
  },
  dismissTrouble: { takes: z.object({ id: count }), gives: nothing },
} as const satisfies Record<FunctionName, { takes: z.ZodType; gives: z.ZodType }>

export type Functions = typeof functions
export type Takes<Name extends FunctionName> = z.infer<Functions[Name]['takes']>
export type Gives<Name extends FunctionName> = z.infer<Functions[Name]['gives']>

/** A share of full scale, 0 to 1: the loudest sample of the last tenth of a second. */
const level = z.number().min(0).max(1)

/** What main tells the page. At most ten of each kind a second. */
export const deskEvent = z.discriminatedUnion('event', [
  z.object({ event: z.literal('snapshot'), desk: deskSnapshot }),
  /** `all` replaces what the page has; `changed` replaces lines of the same id and adds the others. */
  z.object({
    event: z.literal('lines'),
    callId,
    extent: z.enum(['all', 'changed']),
    lines: z.array(deskLine),
  }),
  z.object({ event: z.literal('levels'), agent: level, caller: level }),
  /** So much of a sound that the hub has is on this PC by now; `url` as `openCall` told it. */
  z.object({ event: z.literal('fetched'), url: text(200), share: level }),
])
export type DeskEvent = z.infer<typeof deskEvent>

/** What every function answers. `failed`: the words say what happened and what to do. */
export type Answer<Name extends FunctionName> =
  | { readonly ok: true; readonly value: Gives<Name> }
  | {
      readonly ok: false
      readonly error: 'broken-argument' | 'failed' | 'disconnected'
      readonly message: string
    }

/** What the page sees of main: Electron's preload and the browser's socket both make it. */
export type DeskBridge = {
  readonly [Name in FunctionName]: (takes: Takes<Name>) => Promise<Answer<Name>>
} & {
  readonly onEvent: (listener: (event: DeskEvent) => void) => () => void
  /** Whether main answers; Electron's always does. */
  readonly onConnection: (listener: (state: 'on' | 'off') => void) => () => void
}
