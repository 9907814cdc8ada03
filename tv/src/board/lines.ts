import type { WallboardUtterance } from '@3cx-ninja/protocol'
import { wallboardTuning } from '../tuning.ts'

/**
 * Returns the lines of a call with one more utterance. The next partial of an utterance, or its final, replaces a partial;
 * an empty text removes it; a late partial never replaces a final. One utterance is open per channel: a newer one removes
 * an older partial that got no final (the audio was silence).
 */
export function withLine(
  lines: readonly WallboardUtterance[],
  said: WallboardUtterance,
): readonly WallboardUtterance[] {
  const known = lines.find(({ utteranceId }) => utteranceId === said.utteranceId)
  if (known?.state === 'final' && said.state === 'partial') return lines
  const others = lines.filter((one) => one.utteranceId !== said.utteranceId && !isSuperseded(one, said))
  if (said.text.trim() === '') return others
  return [...others, said].sort(bySpeaking(lines)).slice(-wallboardTuning.linesKept)
}

/** Returns the lines of a snapshot in speaking order, bounded to `linesKept`. */
export function inSpeakingOrder(lines: readonly WallboardUtterance[]): readonly WallboardUtterance[] {
  return lines.reduce<readonly WallboardUtterance[]>(withLine, [])
}

function isSuperseded(older: WallboardUtterance, said: WallboardUtterance): boolean {
  return (
    older.state === 'partial' &&
    older.track === said.track &&
    older.channel === said.channel &&
    (older.part < said.part || older.fromMs <= said.fromMs)
  )
}

/** Returns the order of lines. Times of two recordings (a transferred call) are not comparable: the first received comes first. */
function bySpeaking(lines: readonly WallboardUtterance[]) {
  const order = [...new Set(lines.map(({ track }) => track))]
  const rank = ({ track }: WallboardUtterance) => {
    const index = order.indexOf(track)
    return index < 0 ? order.length : index
  }
  return (a: WallboardUtterance, b: WallboardUtterance): number =>
    rank(a) - rank(b) || a.part - b.part || a.fromMs - b.fromMs || a.toMs - b.toMs
}
