import type { Utterance } from '@3cx-ninja/protocol'
import { wallboardTuning } from '../tuning.ts'

/**
 * The lines of a call with one more. A partial is replaced by the next one of its utterance or by the final; an empty
 * text takes it away; a late partial never replaces a final. One utterance is open per channel: a newer one ends an
 * older partial that got no final (it was silence after all).
 */
export function withLine(lines: readonly Utterance[], said: Utterance): readonly Utterance[] {
  const known = lines.find(({ utteranceId }) => utteranceId === said.utteranceId)
  if (known?.state === 'final' && said.state === 'partial') return lines
  const others = lines.filter((one) => one.utteranceId !== said.utteranceId && !isSuperseded(one, said))
  if (said.text.trim() === '') return others
  return [...others, said].sort(bySpeaking(lines)).slice(-wallboardTuning.linesKept)
}

/** Lines as a snapshot gives them, in the order in which they were said. */
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

/** Times of two recordings (a call that was handed over) cannot be compared: the one heard first stands first. */
function bySpeaking(lines: readonly Utterance[]) {
  const order = [...new Set(lines.map(({ recordingId }) => recordingId))]
  const rank = ({ recordingId }: Utterance) => {
    const index = order.indexOf(recordingId)
    return index < 0 ? order.length : index
  }
  return (a: Utterance, b: Utterance): number =>
    rank(a) - rank(b) || a.part - b.part || a.fromMs - b.fromMs || a.toMs - b.toMs
}
