import type { DeskSnapshot } from '../../ipc/deskSnapshot.ts'
import { SHELL_TEXTS, type ShellLocale } from './texts.ts'

/** A message that the operating system shows while the window is hidden. */
export interface Notice {
  /** Identifies the notice: one key is shown once. */
  readonly key: string
  readonly title: string
  readonly body: string
}

/** Returns the notices that are new in `after`, which the technician must see even with the window hidden. */
export function noticesOf(
  previous: DeskSnapshot | undefined,
  after: DeskSnapshot,
  locale: ShellLocale,
): readonly Notice[] {
  const shown = new Set(previous ? allNotices(previous, locale).map(({ key }) => key) : [])
  return allNotices(after, locale).filter(({ key }) => !shown.has(key))
}

function allNotices(desk: DeskSnapshot, locale: ShellLocale): readonly Notice[] {
  const texts = SHELL_TEXTS[locale].notice
  const call = desk.calls.find(({ phase }) => phase === 'talking')
  return [
    ...desk.drafts.flatMap(({ draft }): Notice[] => {
      const { draftId, state, fields } = draft
      if (state.at === 'proposed' || state.at === 'countdown')
        return [
          {
            key: `draft-${draftId}`,
            title: texts.draft,
            body: fields.title ? `${fields.title}. ${texts.draftBody}` : texts.draftBody,
          },
        ]
      return state.at === 'blocked'
        ? [{ key: `blocked-${draftId}`, title: texts.blocked, body: state.detail.slice(0, 200) }]
        : []
    }),
    ...(call && desk.alarms.includes('microphone-silent')
      ? [{ key: `microphone-${call.callId}`, title: texts.microphone, body: texts.microphoneBody }]
      : []),
    ...(call && desk.alarms.includes('caller-silent')
      ? [{ key: `caller-${call.callId}`, title: texts.caller, body: texts.callerBody }]
      : []),
    ...(call?.recording.at === 'refused' && call.recording.why === 'no-consent'
      ? [{ key: `consent-${call.callId}`, title: texts.consent, body: texts.consentBody }]
      : []),
  ]
}

/** Returns whether the window must come up by itself, without the keyboard: when a call begins or a card waits to be seen. */
export function wantsToBeSeen(previous: DeskSnapshot | undefined, after: DeskSnapshot): boolean {
  const things = (desk: DeskSnapshot) => [
    ...desk.calls
      .filter(({ phase }) => phase === 'ringing' || phase === 'talking')
      .map(({ callId }) => `call-${callId}`),
    ...desk.drafts
      .filter(({ draft }) => draft.state.at === 'proposed' || draft.state.at === 'countdown')
      .map(({ draft }) => `draft-${draft.draftId}`),
  ]
  const shown = new Set(previous ? things(previous) : [])
  return things(after).some((thing) => !shown.has(thing))
}
