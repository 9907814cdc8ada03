import type { WallboardCall } from '@3cx-ninja/protocol'
import type { Board } from '../board/board.ts'
import type { Texts } from '../texts/texts.ts'
import { wallboardTuning } from '../tuning.ts'

/** How much a call asks for somebody. `long`: a colleague may help; `late`: somebody waits who should not. */
export type Urgency = 'calm' | 'long' | 'late'

export interface AlarmsView {
  /** The most urgent one in a sentence; empty where nobody is needed. */
  readonly text: string
  /** '+2', or empty. */
  readonly more: string
}

/** From when the caller waits, by what the hub told. Pure. */
export function urgencyOf(
  call: Pick<WallboardCall, 'phase' | 'startedAtMs' | 'talkingSinceMs'>,
  hubMs: number,
): Urgency {
  if (call.phase === 'ringing')
    return hubMs - call.startedAtMs >= wallboardTuning.ringLateMs ? 'late' : 'calm'
  if (call.phase !== 'talking' && call.phase !== 'held') return 'calm'
  return hubMs - (call.talkingSinceMs ?? call.startedAtMs) >= wallboardTuning.talkLongMs ? 'long' : 'calm'
}

interface Alarm {
  readonly text: string
  readonly sinceMs: number
}

/** What a supervisor should do something about now, the longest wait first: callers nobody answers, callers on hold, calls without text. */
export function viewAlarms(board: Board, hubMs: number, texts: Texts): AlarmsView {
  const { t } = texts
  const ringing = [...board.calls.values()]
    .filter((call) => urgencyOf(call, hubMs) === 'late')
    .map((call) => ({
      sinceMs: call.startedAtMs,
      text: t('alarm.ringing', {
        time: texts.running(hubMs - call.startedAtMs),
        name: call.agentName ?? t('agents.extension', { extension: call.extension }),
      }),
    }))
  const held = [...board.agents.values()]
    .filter(({ state, sinceMs }) => state === 'held' && hubMs - sinceMs >= wallboardTuning.holdLateMs)
    .map(({ name, extension, sinceMs }) => ({
      sinceMs,
      text: t('alarm.held', {
        time: texts.running(hubMs - sinceMs),
        name: name || t('agents.extension', { extension }),
      }),
    }))
  const oldestFirst = (alarms: readonly Alarm[]) => [...alarms].sort((a, b) => a.sinceMs - b.sinceMs)
  const alarms = [...oldestFirst(ringing), ...oldestFirst(held)]
  return {
    text: alarms[0]?.text ?? '',
    more: alarms.length > 1 ? `+${texts.count(alarms.length - 1)}` : '',
  }
}
