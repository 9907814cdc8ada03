import type { AudioListener } from '../../src/main/capture/sources/audioSource.ts'
import type { StereoAudio } from '../../src/main/capture/sources/readStereoFile.ts'
import { EVENT_LIMIT_MS } from '../../../protocol/testing/eventLimit.ts'

/** Returns a listener that keeps all blocks, changes, gaps and failures of a source, and lets a test wait for them. */
export function createReceivedSound() {
  const blocks: { firstSample: number; agent: Int16Array; caller: Int16Array }[] = []
  const changes: Parameters<AudioListener['deviceChange']>[0][] = []
  const gaps: { firstSample: number; samples: number }[] = []
  const failures: Error[] = []
  const waiting = new Set<() => void>()
  const changed = () => {
    for (const check of [...waiting]) check()
  }
  const listener: AudioListener = {
    block(block) {
      blocks.push(block)
      changed()
    },
    deviceChange(change) {
      changes.push(change)
      changed()
    },
    gap(gap) {
      gaps.push(gap)
      changed()
    },
    failed(error) {
      failures.push(error)
      changed()
    },
  }
  const until = (what: string, is: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => {
        waiting.delete(check)
        reject(new Error(`no ${what} (${blocks.length} blocks, failures: ${failures.join()})`))
      }, EVENT_LIMIT_MS)
      const check = () => {
        if (!is()) return
        clearTimeout(limit)
        waiting.delete(check)
        resolve()
      }
      waiting.add(check)
      check()
    })
  return {
    listener,
    blocks,
    changes,
    gaps,
    failures,
    /** Makes the waits check again after a change outside the source. */
    changed,
    seconds: () => blocks.length / 10,
    /** Returns the sample at which the next block begins. */
    endSample: () => (blocks.at(-1)?.firstSample ?? -1_600) + 1_600,
    /** Returns the sound from this sample on; the sample must begin a block. */
    sound(fromSample = 0): StereoAudio {
      const side = (channel: 'agent' | 'caller') => {
        const end = (blocks.at(-1)?.firstSample ?? 0) + 1_600
        const samples = new Int16Array(end - fromSample)
        for (const block of blocks)
          if (block.firstSample >= fromSample) samples.set(block[channel], block.firstSample - fromSample)
        return samples
      }
      return { agent: side('agent'), caller: side('caller') }
    },
    until,
    /** Resolves once so many more seconds of sound have arrived. */
    more(seconds: number) {
      const end = blocks.length / 10 + seconds
      return until(`${seconds} s more`, () => blocks.length / 10 >= end)
    },
  }
}

export interface Match {
  readonly correlation: number
  readonly offsetMs: number
}

/** Correlation of words that arrived whole. */
const INTACT = 0.85
const TURNS = 4
/** Under load, sound arrives seconds after it was played: the joiner waits 3 s for a source that is late. */
const WAITS = 10

export const isIntact = ({ correlation }: Match): boolean => correlation > INTACT

/**
 * Plays, then matches after each piece that comes, and plays again where a piece was dropped: a sound server delayed by other
 * work drops pieces, and one turn without a hole proves the path. Resolves with the matches once all are intact, or with the
 * last ones after four turns.
 */
export async function untilIntact(needs: {
  readonly play: () => Promise<unknown>
  readonly more: () => Promise<unknown>
  readonly match: () => readonly Match[] | Promise<readonly Match[]>
}): Promise<readonly Match[]> {
  let matches: readonly Match[] = []
  for (let turn = 0; turn < TURNS; turn++) {
    await needs.play()
    for (let wait = 0; wait < WAITS; wait++) {
      await needs.more()
      matches = await needs.match()
      if (matches.every(isIntact)) return matches
    }
  }
  return matches
}

const STEP = 160 // 10 ms

/**
 * Returns how well `received` contains `wanted`: correlation (1 = the same) of the loudness, 100 values a second, at the best
 * offset. Loudness and not samples: resampling, codecs and echo cancellers change phases inaudibly.
 */
export function envelopeMatch(received: Int16Array, wanted: Int16Array): Match {
  const a = envelope(received)
  const b = envelope(wanted)
  let best = { correlation: -1, offsetMs: 0 }
  for (let offset = -50; offset + b.length <= a.length + 50; offset++) {
    const correlation = correlate(a, b, offset)
    if (correlation > best.correlation) best = { correlation, offsetMs: offset * 10 }
  }
  return best
}

function envelope(samples: Int16Array): Float64Array {
  const values = new Float64Array(Math.floor(samples.length / STEP))
  for (let index = 0; index < values.length; index++) {
    let sum = 0
    for (let at = index * STEP; at < (index + 1) * STEP; at++) sum += (samples[at] ?? 0) ** 2
    values[index] = Math.log10(10 + Math.sqrt(sum / STEP))
  }
  return values
}

function correlate(a: Float64Array, b: Float64Array, offset: number): number {
  let count = 0
  let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0]
  for (let index = 0; index < b.length; index++) {
    const x = a[index + offset]
    const y = b[index]
    if (x === undefined || y === undefined) continue
    count += 1
    sumA += x
    sumB += y
    sumAA += x * x
    sumBB += y * y
    sumAB += x * y
  }
  if (count < b.length / 2) return -1
  const spread = Math.sqrt((sumAA - sumA ** 2 / count) * (sumBB - sumB ** 2 / count))
  return spread === 0 ? 0 : (sumAB - (sumA * sumB) / count) / spread
}
