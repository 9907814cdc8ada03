import type { DeskCall, DeskLine } from '../../../ipc/deskSnapshot.ts'
import { clockTime } from '../../i18n/format.ts'
import type { Translate } from '../../i18n/texts.ts'
import { toTurns } from './turns.ts'

/** Returns the caller's name, or undefined while two contacts have the number. */
export const certainName = (call: Pick<DeskCall, 'name' | 'match'>): string | undefined =>
  call.match === 'ambiguous' ? undefined : call.name

/** Returns the transcript as text for a mail or a chat: time, speaker, words. It omits partials, which may still change. */
export function conversationText(
  lines: readonly DeskLine[],
  { t, caller }: { readonly t: Translate; readonly caller?: string | undefined },
): string {
  const settled = lines.filter((line) => line.kind !== 'words' || line.state === 'final')
  return toTurns(settled)
    .map((turn) => {
      if (turn.kind === 'mark') return `[${clockTime(turn.mark.fromMs)}] ${t('transcript.markedAt')}`
      if (turn.kind === 'device') {
        const { channel, fromMs, label } = turn.device
        return `[${clockTime(fromMs)}] ${t(`transcript.device.${channel}`, { label })}`
      }
      const speaker = turn.speaker === 'caller' && caller ? caller : t(`transcript.${turn.speaker}`)
      const text = turn.lines.map(({ text }) => text).join(' ')
      return `[${clockTime(turn.lines[0].fromMs)}] ${t('transcript.turn', { speaker, text })}`
    })
    .join('\n')
}
