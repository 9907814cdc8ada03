import type { CallPhase, WallboardCall, WallboardUtterance } from '@3cx-ninja/protocol'
import type { Board } from '../board/board.ts'
import type { Texts } from '../texts/texts.ts'
import { wallboardTuning } from '../tuning.ts'
import { urgencyOf, type Urgency } from './alarmsView.ts'
import { firstNameOf } from './names.ts'

export interface SpokenLine {
  readonly key: string
  readonly who: 'agent' | 'caller'
  /** Empty when the previous line has the same speaker. */
  readonly speaker: string
  readonly text: string
  /** The words may still change. */
  readonly provisional: boolean
}

export interface CallCard {
  readonly key: string
  readonly phase: CallPhase
  readonly phaseLabel: string
  readonly agent: string
  readonly caller: string
  readonly organization: string
  readonly direction: WallboardCall['direction']
  readonly directionLabel: string
  readonly elapsed: string
  readonly urgency: Urgency
  readonly recording: WallboardCall['recording']
  /** Empty when there is no recording state to show. */
  readonly recordingLabel: string
  readonly lines: readonly SpokenLine[]
  /** The reason for a card without lines; empty when it has lines. */
  readonly hush: string
}

export interface CallsView {
  readonly title: string
  readonly cards: readonly CallCard[]
  /** '+3 autres appels', or empty when all calls fit. */
  readonly more: string
  /** The text shown instead of cards; empty when there are cards. */
  readonly empty: string
}

const ON: ReadonlySet<CallPhase> = new Set(['ringing', 'talking', 'held'])

/** Returns the calls that fit, oldest first so that a card keeps its place; active calls precede ended ones. */
export function viewCalls(board: Board, hubMs: number, texts: Texts): CallsView {
  const { t, plural } = texts
  const byStart = [...board.calls.values()].sort(
    (a, b) => a.startedAtMs - b.startedAtMs || (a.callId < b.callId ? -1 : 1),
  )
  const chosen = new Set(
    [...byStart.filter(({ phase }) => ON.has(phase)), ...byStart.filter(({ phase }) => !ON.has(phase))].slice(
      0,
      wallboardTuning.cards,
    ),
  )
  const shown = byStart.filter((call) => chosen.has(call))
  const hidden = byStart.length - shown.length
  const noWorker = board.figures?.slotsTotal === 0
  return {
    title: t('calls.title'),
    cards: shown.map((call) => viewCall(call, { hubMs, noWorker }, texts)),
    more: hidden > 0 ? plural('calls.more', hidden) : '',
    empty: shown.length > 0 ? '' : t(board.figures === null ? 'calls.unknown' : 'calls.none'),
  }
}

function viewCall(
  call: WallboardCall,
  { hubMs, noWorker }: { readonly hubMs: number; readonly noWorker: boolean },
  texts: Texts,
): CallCard {
  const { t } = texts
  const number = call.remoteNumberMasked ?? ''
  const name = call.caller?.contactName ?? call.remoteName?.trim() ?? ''
  const organization = call.caller?.organizationName ?? ''
  const fromMs = call.talkingSinceMs ?? call.startedAtMs
  const lines = spokenLines(call, texts)
  return {
    key: call.callId,
    phase: call.phase,
    phaseLabel: t(`phase.${call.phase}`),
    agent: call.agentName ?? t('agents.extension', { extension: call.extension }),
    caller: name || number || t('remote.hidden'),
    // A telephone often sends the number as the name: the card shows it once.
    organization: organization || (name && name !== number ? number : ''),
    direction: call.direction,
    directionLabel: t(`direction.${call.direction}`),
    elapsed: texts.running((call.endedAtMs ?? hubMs) - fromMs),
    urgency: urgencyOf(call, hubMs),
    recording: call.recording,
    recordingLabel:
      call.recording === 'none' || call.recording === 'complete' ? '' : t(`recording.${call.recording}`),
    lines,
    hush: lines.length > 0 ? '' : hushOf(call, noWorker, texts),
  }
}

/** Returns the newest lines; a speaker's name stands only where the speaker changes. */
function spokenLines(call: WallboardCall, texts: Texts): readonly SpokenLine[] {
  const newest = call.utterances.slice(-wallboardTuning.linesShown)
  return newest.map((said: WallboardUtterance, index) => ({
    key: said.utteranceId,
    who: said.channel,
    speaker: newest[index - 1]?.channel === said.channel ? '' : speakerOf(call, said.channel, texts),
    text: keepTogether(said.text.trim()),
    provisional: said.state === 'partial',
  }))
}

/** Returns the text with non-breaking spaces before French punctuation, so that no line begins with it. */
function keepTogether(text: string): string {
  return text.replace(/ (?=[?!:;»])/g, '\u00a0')
}

function speakerOf(call: WallboardCall, channel: WallboardUtterance['channel'], { t }: Texts): string {
  if (channel === 'agent') return firstNameOf(call.agentName ?? '') || t('agent.unnamed')
  return t(`remote.${call.direction}`)
}

function hushOf({ phase, recording }: WallboardCall, noWorker: boolean, { t }: Texts): string {
  if (phase === 'ringing') return t('hush.ringing')
  if (phase === 'missed') return t('hush.missed')
  switch (recording) {
    case 'none':
      return t('hush.none')
    case 'paused':
      return t('hush.paused')
    case 'refused':
      return t('hush.refused')
    case 'erased':
      return t('hush.erased')
    case 'recording':
    case 'complete':
      if (noWorker) return t('hush.noPlaces')
      return t(ON.has(phase) ? 'hush.waiting' : 'hush.silent')
  }
}
