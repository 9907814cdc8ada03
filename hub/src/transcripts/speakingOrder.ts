import type { FinalUtterance } from './finalUtterance.ts'

/**
 * Returns the finals in the order in which they were spoken, over both channels, all parts and all recordings of a call.
 * Within a part the recording's own clock counts; parts are placed by the PC's clock, which may jump while the agent
 * restarts: a part that seems to begin before the end of the previous one is shifted to that end.
 */
export function inSpeakingOrder(finals: readonly FinalUtterance[]): readonly FinalUtterance[] {
  const recordings = new Map<string, FinalUtterance[]>()
  for (const final of finals)
    recordings.set(final.recordingId, [...(recordings.get(final.recordingId) ?? []), final])
  return [...recordings.values()].flatMap(partsInSequence).sort(byTime)
}

function partsInSequence(finals: readonly FinalUtterance[]): FinalUtterance[] {
  const parts = [...new Set(finals.map(({ part }) => part))].sort((a, b) => a - b)
  let endMs = -Infinity
  return parts.flatMap((part) => {
    const ofPart = finals.filter((final) => final.part === part)
    const shiftMs = Math.max(0, endMs - Math.min(...ofPart.map(({ atMs }) => atMs)))
    const shifted = ofPart.map((final) => ({ ...final, atMs: final.atMs + shiftMs }))
    endMs = Math.max(...shifted.map(({ atMs, fromMs, toMs }) => atMs + toMs - fromMs))
    return shifted
  })
}

const byTime = (a: FinalUtterance, b: FinalUtterance) =>
  a.atMs - b.atMs || a.toMs - b.toMs || (a.utteranceId < b.utteranceId ? -1 : 1)
