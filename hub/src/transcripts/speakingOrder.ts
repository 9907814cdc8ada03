import type { Line } from './line.ts'

/**
 * Lines in the order in which they were spoken, over both channels, all parts and all recordings of a call. Within a
 * part the recording's own clock counts; parts are placed by the PC's clock, which may jump while the agent restarts:
 * a part that seems to begin before the end of the one before it is moved behind it.
 */
export function inSpeakingOrder(lines: readonly Line[]): readonly Line[] {
  const recordings = new Map<string, Line[]>()
  for (const line of lines)
    recordings.set(line.recordingId, [...(recordings.get(line.recordingId) ?? []), line])
  return [...recordings.values()].flatMap(partsBehindEachOther).sort(byTime)
}

function partsBehindEachOther(lines: readonly Line[]): Line[] {
  const parts = [...new Set(lines.map(({ part }) => part))].sort((a, b) => a - b)
  let endMs = -Infinity
  return parts.flatMap((part) => {
    const mine = lines.filter((line) => line.part === part)
    const shiftMs = Math.max(0, endMs - Math.min(...mine.map(({ atMs }) => atMs)))
    const placed = mine.map((line) => ({ ...line, atMs: line.atMs + shiftMs }))
    endMs = Math.max(...placed.map(({ atMs, fromMs, toMs }) => atMs + toMs - fromMs))
    return placed
  })
}

const byTime = (a: Line, b: Line) =>
  a.atMs - b.atMs || a.toMs - b.toMs || (a.utteranceId < b.utteranceId ? -1 : 1)
