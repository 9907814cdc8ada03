import type { WallboardCall } from '@3cx-ninja/protocol'
import type { Board } from '../board/board.ts'
import type { Texts } from '../texts/texts.ts'
import { wallboardTuning } from '../tuning.ts'

/** Urgency of a call. `long`: a colleague may help; `late`: a caller has waited too long. */
export type Urgency = 'calm' | 'long' | 'late'

export interface AlarmsView {
  /** The most urgent alarm as a sentence; empty without an alarm. */
  readonly text: string
  /** '+2' for two more alarms, or empty. */
  readonly more: string
}

/** Returns the urgency of a call from the hub's times. Pure. */
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

/** Returns the alarms for a supervisor, the longest wait first: unanswered callers and callers on hold. */
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
