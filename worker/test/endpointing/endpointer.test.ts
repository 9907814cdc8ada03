import { expect, test } from 'vitest'
import { createEndpointer, rmsOf, type UtteranceBoundary } from '../../src/endpointing/endpointer.ts'
import { workerTuning } from '../../src/tuning.ts'

const tuning = { ...workerTuning, maxFrames: 100, searchFrames: 40 }

/** `S` speech, `s` unsure, `-` silence, `h` hum that the detector reports as speech; repeated as often as asked. */
function cutsOf(pattern: string, changes: Partial<typeof tuning> = {}, first = 0): UtteranceBoundary[] {
  const endpointer = createEndpointer({ ...tuning, ...changes }, first)
  const probability: Record<string, number> = { S: 0.9, s: 0.4, '-': 0.01, h: 0.9 }
  const cuts: UtteranceBoundary[] = []
  for (const kind of pattern) {
    const cut = endpointer.frame({
      probability: probability[kind] ?? 0,
      rms: kind === 'S' || kind === 's' ? 1_000 : 10,
    })
    if (cut) cuts.push(cut)
    if (cut?.kind === 'closed') return cuts
  }
  const last = endpointer.end()
  return last ? [...cuts, last] : cuts
}
const x = (kind: string, times: number) => kind.repeat(times)

test('an utterance begins a little before its first speech and ends a little after its last', () => {
  expect(cutsOf(x('-', 50) + x('S', 20) + x('-', 30))).toEqual([
    { kind: 'opened', from: 50 - tuning.leadFrames },
    { kind: 'closed', from: 50 - tuning.leadFrames, to: 70 + tuning.trailFrames },
  ])
})

test('a click shorter than an eighth of a second opens nothing', () => {
  expect(cutsOf(x('-', 30) + x('S', tuning.openFrames - 1) + x('-', 30))).toEqual([])
})

test('a breath does not end an utterance, a turn does', () => {
  const breath = x('S', 10) + x('-', tuning.closeFrames - 1) + x('S', 10)
  expect(cutsOf(breath)).toEqual([
    { kind: 'opened', from: 0 },
    { kind: 'closed', from: 0, to: breath.length },
  ])
  expect(cutsOf(x('S', 10) + x('-', tuning.closeFrames) + x('S', 10)).at(-1)).toEqual({
    kind: 'closed',
    from: 0,
    to: 10 + tuning.trailFrames,
  })
})

test('the end of an utterance is certain after its trail, and silence until the end of the audio does not change it', () => {
  const endpointer = createEndpointer(tuning, 0)
  const feed = (kind: 'S' | '-', times: number) => {
    for (let n = 0; n < times; n++) endpointer.frame({ probability: kind === 'S' ? 0.9 : 0, rms: 1_000 })
  }
  feed('S', 10)
  expect(endpointer.endIfOver()).toBeUndefined()
  feed('-', tuning.trailFrames - 1)
  expect(endpointer.endIfOver()).toBeUndefined()
  feed('-', 1)
  expect(endpointer.endIfOver()).toBe(10 + tuning.trailFrames)
  feed('-', 3)
  expect(endpointer.endIfOver()).toBe(10 + tuning.trailFrames)
  expect(endpointer.end()).toMatchObject({ to: 10 + tuning.trailFrames })
  feed('S', 1)
  expect(endpointer.endIfOver()).toBeUndefined()
})

test('frames of uncertain speech keep an utterance open, but open none', () => {
  expect(cutsOf(x('s', 40))).toEqual([])
  expect(cutsOf(x('S', 5) + x('s', 40))).toEqual([
    { kind: 'opened', from: 0 },
    { kind: 'closed', from: 0, to: 45 },
  ])
})

test('hum below the threshold of loudness is no speech, whatever the detector reports', () => {
  expect(cutsOf(x('h', 60))).toEqual([])
})

test('an utterance never begins before the first frame of its endpointer', () => {
  expect(cutsOf(x('S', 30), {}, 500)[0]).toEqual({ kind: 'opened', from: 500 })
})

test('speech without end is cut where it is quietest, in the last part of what is allowed', () => {
  const endpointer = createEndpointer(tuning, 0)
  let closed: UtteranceBoundary | undefined
  for (let frame = 0; closed?.kind !== 'closed'; frame++) {
    // Quiet at 20, which is too early, and less quiet at 75, which lies in the stretch that is searched.
    const rms = frame >= 18 && frame < 24 ? 100 : frame >= 72 && frame < 78 ? 300 : 2_000
    closed = endpointer.frame({ probability: 0.9, rms }) ?? closed
    expect(frame).toBeLessThan(tuning.maxFrames)
  }
  expect(closed).toEqual({ kind: 'closed', from: 0, to: 75 })
})

test('loudness is the root mean square, 0 for no samples', () => {
  expect(rmsOf(Int16Array.of(3, -3, 3, -3))).toBe(3)
  expect(rmsOf(new Int16Array())).toBe(0)
})
