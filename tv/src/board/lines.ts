import type { Utterance } from '@3cx-ninja/protocol'
import { wallboardTuning } from '../tuning.ts'

/**
 * Returns the lines of a call with one more utterance. The next partial of an utterance, or its final, replaces a partial;
 * an empty text removes it; a late partial never replaces a final. One utterance is open per channel: a newer one removes
 * an older partial that got no final (the audio was silence).
 */
export function withLine(lines: readonly Utterance[], said: Utterance): readonly Utterance[] {
  const known = lines.find(({ utteranceId }) => utteranceId === said.utteranceId)
  if (known?.state === 'final' && said.state === 'partial') return lines
  const others = lines.filter((one) => one.utteranceId !== said.utteranceId && !isSuperseded(one, said))
  if (said.text.trim() === '') return others
  return [...others, said].sort(bySpeaking(lines)).slice(-wallboardTuning.linesKept)
}

/** Returns the lines of a snapshot in speaking order, bounded to `linesKept`. */
export function inSpeakingOrder(lines: readonly Utterance[]): readonly Utterance[] {
  return lines.reduce<readonly Utterance[]>(withLine, [])
}

function isSuperseded(older: Utterance, said: Utterance): boolean {
  return (
    older.state === 'partial' &&
    older.recordingId === said.recordingId &&
    older.channel === said.channel &&
    (older.part < said.part || older.fromMs <= said.fromMs)
  )
}

/** Returns the order of lines. Times of two recordings (a transferred call) are not comparable: the first received comes first. */
function bySpeaking(lines: readonly Utterance[]) {
  const order = [...new Set(lines.map(({ recordingId }) => recordingId))]
  const rank = ({ recordingId }: Utterance) => {
    const index = order.indexOf(recordingId)
    return index < 0 ? order.length : index
  }
  return (a: Utterance, b: Utterance): number =>
    rank(a) - rank(b) || a.part - b.part || a.fromMs - b.fromMs || a.toMs - b.toMs
}
