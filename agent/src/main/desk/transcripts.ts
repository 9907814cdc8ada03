import type { CallId, Channel, Utterance } from '@3cx-ninja/protocol'
import type { DeskLine } from '../../ipc/deskSnapshot.ts'

/** Lines of one call in the order they were said. */
export type Transcript = readonly DeskLine[]
export type Transcripts = ReadonlyMap<CallId, Transcript>

/** Room for a call of a whole day; later lines are on the hub only. */
export const MAX_LINES = 5_000

/** Returns the lines with one more utterance: a partial replaces its predecessor, and a final ends it; the same final again replaces it, since more of it may be masked. Rules U1 and U3. */
export function applyUtterance(lines: Transcript, utterance: Utterance): Transcript {
  const { utteranceId: id, channel: speaker, part, fromMs, toMs, text } = utterance
  const earlier = lines.find((line) => line.id === id)
  const isFinal = earlier?.kind === 'words' && earlier.state === 'final'
  if (isFinal && (utterance.state !== 'final' || earlier.text === text)) return lines
  const line: DeskLine = {
    kind: 'words',
    id,
    speaker,
    state: utterance.state === 'final' ? 'final' : 'provisional',
    part,
    fromMs,
    toMs,
    text,
  }
  const others = earlier ? lines.filter((each) => each !== earlier) : lines
  if (text.trim() === '') return others
  return insert(others, line)
}

/** Returns the lines with a mark of the technician. */
export function addMark(
  lines: Transcript,
  { part, fromMs }: { readonly part: number; readonly fromMs: number },
): Transcript {
  return insert(lines, { kind: 'mark', id: `mark-${part}-${fromMs}`, part, fromMs })
}

/** Returns the lines with a change of the device that captures a channel. */
export function addDevice(
  lines: Transcript,
  change: {
    readonly channel: Channel
    readonly label: string
    readonly part: number
    readonly fromMs: number
  },
): Transcript {
  const { channel, label, part, fromMs } = change
  const id = `device-${channel}-${part}-${fromMs}`
  const line: DeskLine = { kind: 'device', id, channel, part, fromMs, label: label.slice(0, 400) }
  return insert(
    lines.filter((each) => each.id !== id),
    line,
  )
}

/** Returns the final lines only: after the call no partial becomes final any more. */
export function settleLines(lines: Transcript): Transcript {
  return lines.filter((line) => line.kind !== 'words' || line.state === 'final')
}

/** Returns the lines that a page with the earlier lines lacks; undefined when a line is gone and everything must be sent. */
export function changedLines(before: Transcript, now: Transcript): Transcript | undefined {
  const earlier = new Map(before.map((line) => [line.id, line]))
  const changed = now.filter((line) => earlier.get(line.id) !== line)
  const ids = new Set(now.map(({ id }) => id))
  return before.every(({ id }) => ids.has(id)) ? changed : undefined
}

function insert(lines: Transcript, line: DeskLine): Transcript {
  if (lines.length >= MAX_LINES) return lines
  let at = lines.length
  while (at > 0 && isAfter(lines[at - 1], line)) at -= 1
  return [...lines.slice(0, at), line, ...lines.slice(at)]
}

function isAfter(one: DeskLine | undefined, other: DeskLine): boolean {
  if (!one) return false
  return one.part !== other.part ? one.part > other.part : one.fromMs > other.fromMs
}
