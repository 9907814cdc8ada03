import {
  SAMPLE_RATE_HZ,
  SECOND_MS,
  type CallId,
  type Clock,
  type DraftId,
  type RecordingId,
} from '@3cx-ninja/protocol'
import { isEnrollError, type EnrollErrorCode } from '@3cx-ninja/node-kit/enroll.ts'
import type { Handlers } from '../../ipc/answerCall.ts'
import type { CallAudio, Output, SetUpRefusal, Input } from '../../ipc/channels.ts'
import { settingKey, type SettingKey } from '../../ipc/deskSnapshot.ts'
import { isDecided } from '../drafts/draftBoard.ts'
import { toPastCall, type KeptCall } from '../history/keptCall.ts'
import { settingsSchema, type Settings } from '../process/settings.ts'
import { localCallId, type DeskInput, type DeskState } from './deskState.ts'
import { diagnose } from './diagnose.ts'
import type { DeskParts } from './ports.ts'
import { isLocked } from './projectSettings.ts'

export interface HandlerNeeds extends DeskParts {
  readonly clock: Clock
  readonly state: () => DeskState
  readonly apply: (deskInput: DeskInput) => void
  readonly changed: () => void
  /** Resolves once everything so far is in the history. */
  readonly keep: () => Promise<void>
  readonly show: (draftId: DraftId, visible: boolean) => void
}

/** Returns the implementation of each function of the table. Nothing here decides: the agent and the hub do. */
export function createHandlers(needs: HandlerNeeds): Handlers {
  const { agent, history, platform, clock } = needs
  return {
    actOnCall: (input) => actOnCall(needs, input),
    showDraft({ draftId, visible }) {
      needs.show(draftId, visible)
      return {}
    },
    async editDraft({ draftId, changes }) {
      const outcome = await agent.drafts.edit(draftId, changes)
      needs.changed()
      return { outcome }
    },
    async decideDraft({ draftId, choice }) {
      const outcome = await agent.drafts.decide(draftId, choice)
      needs.changed()
      return { outcome }
    },
    async answerPendingChange({ draftId, answer }) {
      const outcome = await agent.drafts.answer(draftId, answer)
      needs.changed()
      return { outcome }
    },
    async searchCalls(input) {
      await needs.keep() // technicians search for the call that has just ended
      const { calls, total } = await history.search(input)
      return { calls: [...calls], total }
    },
    openCall: ({ callId }) => openCall(needs, callId),
    sendAgain: ({ callId }) => sendAgain(needs, callId),
    saveSettings: ({ changes }) => saveSettings(needs, changes),
    findHubs: async () => ({ hubs: [...(await platform.findHubs())] }),
    setUp: (input) => setUp(needs, input),
    listDevices: () => platform.devices(),
    listMicrophonePrograms: async () => ({ programs: await platform.microphonePrograms() }),
    async testSound() {
      const on = agent.view().calls.some(({ phase }) => phase === 'talking' || phase === 'held')
      if (on) return { ok: false, why: 'call-on', detail: '' }
      return needs.testSound()
    },
    async diagnose() {
      const checks = await diagnose(needs, needs.state())
      return { atMs: clock.nowMs(), version: platform.version, machine: platform.machine, checks }
    },
    dismissUserError({ id }) {
      needs.apply({ kind: 'dismissed', userErrorId: id })
      return {}
    },
  }
}

async function actOnCall(
  needs: HandlerNeeds,
  { action, callId }: Input<'actOnCall'>,
): Promise<Output<'actOnCall'>> {
  const { agent, apply: take } = needs
  const { calls } = agent.view()
  if (action === 'start' && calls.every(({ phase }) => phase === 'wrap-up')) take({ kind: 'asked-to-start' })
  if (action === 'mark') {
    const call = calls.find((each) => (callId ? each.callId === callId : each.recording === 'recording'))
    const part = agent.recordings
      .list()
      .find(({ recordingId }) => recordingId === call?.recordingId)
      ?.parts.at(-1)
    if (call?.recording === 'recording' && part) {
      const fromMs = Math.round((part.endSample / SAMPLE_RATE_HZ) * SECOND_MS)
      take({ kind: 'marked', callId: call.callId, part: part.header.part, fromMs })
    }
  }
  const isOver = callId !== undefined && calls.every((each) => each.callId !== callId)
  if (action === 'take-back-join') {
    if (callId) agent.takeBackJoin(callId)
  } else if (action === 'erase' && isOver) await eraseLater(needs, callId)
  else agent.act(action, callId)
  needs.changed()
  return {}
}

/** Erases the recording of a call that the agent has released already. */
async function eraseLater({ agent, history, state }: HandlerNeeds, callId: CallId): Promise<void> {
  const call = state().calls.get(callId)?.call ?? (await history.open(callId))?.call
  if (call?.recordingId) await agent.eraseRecording({ callId, recordingId: call.recordingId })
}

async function openCall(needs: HandlerNeeds, callId: CallId): Promise<Output<'openCall'>> {
  const state = needs.state()
  const entry = state.calls.get(callId)
  const kept = await needs.history.open(callId)
  const call = entry?.call ?? kept?.call
  const audio = await audioOf(needs, call)
  if (!call) return { call: null, audio }
  const draft =
    needs.agent.drafts.cards().find((card) => localCallId(state, card.draft.callId) === callId)?.draft ??
    kept?.draft
  const caller = entry?.caller ?? kept?.caller
  const lines = state.transcripts.get(callId) ?? kept?.lines ?? []
  const whole: KeptCall = {
    version: 1,
    call,
    ...(caller ? { caller } : {}),
    ...(draft ? { draft } : {}),
    lines: [...lines],
    changedAtMs: 0,
  }
  return {
    call: {
      past: toPastCall(whole),
      lines: whole.lines,
      ...(draft ? { description: draft.fields.description } : {}),
    },
    audio,
  }
}

/** Returns the address at which the page finds the audio of a recording. */
export const soundUrl = (recordingId: RecordingId) => `audio/${recordingId}.wav`

async function audioOf(needs: HandlerNeeds, call: KeptCall['call'] | undefined): Promise<CallAudio> {
  if (call?.recording === 'erased') return { at: 'gone', why: 'erased' }
  if (!call?.recordingId) return { at: 'gone', why: 'not-recorded' }
  const sound = await needs.openSound(call.recordingId, 'fresh')
  if (sound.at === 'gone') return sound
  const { durationMs, starts } = sound.playback
  return { at: 'here', from: sound.from, url: soundUrl(call.recordingId), durationMs, starts: [...starts] }
}

async function sendAgain({ agent, ...needs }: HandlerNeeds, callId: CallId): Promise<Output<'sendAgain'>> {
  const state = needs.state()
  const card = agent.drafts.cards().find((each) => localCallId(state, each.draft.callId) === callId)
  const recordingId =
    state.calls.get(callId)?.call.recordingId ?? (await needs.history.open(callId))?.call.recordingId
  const replica = agent.view().replicas.find((each) => each.recordingId === recordingId)
  if (replica) agent.offerAgain()
  if (card && !isDecided(card)) {
    const outcome = await agent.drafts.decide(card.draft.draftId, { kind: 'file' })
    return { outcome: outcome === 'unknown-draft' ? 'nothing-waits' : outcome }
  }
  if (!replica) return { outcome: 'nothing-waits' }
  return { outcome: agent.view().link === 'open' ? 'sent' : 'hub-away' }
}

async function saveSettings(
  { settings, changed }: HandlerNeeds,
  changes: Input<'saveSettings'>['changes'],
): Promise<Output<'saveSettings'>> {
  const keys = settingKey.options.filter((key) => changes[key] !== undefined)
  const locked = keys.filter((key) => isLocked(settings.origin(key)))
  if (locked.length > 0) return { ok: false, wrong: locked, why: 'locked' }
  const parsed = toSettings(changes)
  if (!parsed.ok) return { ok: false, wrong: parsed.wrong, why: parsed.why }
  await settings.change(parsed.changes)
  changed()
  return { ok: true }
}

/** Parses the texts of the window. An empty text removes an optional value: `undefined` falls out of the file. */
function toSettings(
  texts: Partial<Record<SettingKey, string>>,
):
  | { readonly ok: true; readonly changes: Partial<Settings> }
  | { readonly ok: false; readonly wrong: SettingKey[]; readonly why: string } {
  const wanted = Object.fromEntries(
    Object.entries(texts).map(([key, value]) => {
      const trimmed = value.trim()
      return [key, trimmed === '' && (key === 'hub' || key === 'language') ? undefined : trimmed]
    }),
  )
  const parsed = settingsSchema.partial().safeParse(wanted)
  if (!parsed.success) {
    const { issues } = parsed.error
    const wrong = settingKey.options.filter((key) => issues.some(({ path }) => path[0] === key))
    return { ok: false, wrong, why: issues.map(({ message }) => message).join('; ') }
  }
  // Only the given keys: partial() fills in the defaults of the others.
  const changes = Object.fromEntries(
    Object.keys(wanted).map((key) => [key, parsed.data[key as keyof Settings]]),
  )
  return { ok: true, changes }
}

async function setUp(needs: HandlerNeeds, given: Input<'setUp'>): Promise<Output<'setUp'>> {
  const { settings, agent, state } = needs
  const { enrollmentKey, ...values } = given
  // A value set from outside stays; the page shows it locked.
  const own = Object.entries(values).filter(([key]) => !isLocked(settings.origin(key as keyof typeof values)))
  const parsed = toSettings(Object.fromEntries(own))
  if (!parsed.ok) {
    const field = (['hub', 'extension', 'name', 'email'] as const).find((key) => parsed.wrong.includes(key))
    return { ok: false, field: field ?? 'hub', why: 'not-allowed', detail: parsed.why.slice(0, 600) }
  }
  if (!('hub' in parsed.changes ? parsed.changes.hub : settings.value.hub))
    return { ok: false, field: 'hub', why: 'missing', detail: '' }
  await settings.change(parsed.changes)
  try {
    await agent.enroll(enrollmentKey.trim())
  } catch (error) {
    if (!isEnrollError(error)) throw error // the table answers 'failed' with the words of the error
    const detail = error.message.slice(0, 600)
    const why = SETUP_REFUSALS[error.code]
    return { ok: false, field: why.startsWith('key') ? 'enrollmentKey' : 'hub', why, detail }
  }
  needs.changed()
  return { ok: true, hubName: state().hubName ?? settings.value.hub ?? '' }
}

/** The page has a sentence for each reason; the address is at fault unless the code speaks of the key. */
const SETUP_REFUSALS: Readonly<Record<EnrollErrorCode, SetUpRefusal>> = {
  'hub-away': 'unreachable',
  'hub-busy': 'unreachable',
  'not-protected': 'not-protected',
  'wrong-hub': 'wrong-hub',
  'unexpected-answer': 'unexpected-answer',
  'key-incomplete': 'key-incomplete',
  'key-refused': 'key-refused',
}
