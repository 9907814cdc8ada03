import { describe, expect, it } from 'vitest'
import { describeCall, makeCountedCall } from '../long/countedCall.ts'
import { count, countedSound } from '../long/countedSound.ts'
import { expectWholeCall } from '../long/expectWholeCall.ts'

const SECONDS = 20

describe('a counted call through sound devices', () => {
  it('a counted call reaches the hub whole: every second once on both channels, which stay in step', async () => {
    const call = await makeCountedCall(SECONDS)
    console.log(describeCall(call))
    expectWholeCall(call, SECONDS)
  })

  it('the count detects a lost, a doubled and a silent segment', () => {
    const rate = 16_000
    const sound = countedSound(6)
    const without = (from: number, to: number) =>
      Int16Array.from([...sound.subarray(0, from), ...sound.subarray(to)])
    const numbers = (samples: Int16Array) => count(samples).seconds.map(({ number }) => number)
    expect(numbers(sound)).toEqual([0, 1, 2, 3, 4, 5])
    expect(count(sound).holesMs).toEqual([])
    expect(numbers(without(2 * rate, 3 * rate))).toEqual([0, 1, 3, 4, 5])
    const doubled = Int16Array.from([...sound.subarray(0, 3 * rate), ...sound.subarray(2 * rate)])
    expect(numbers(doubled)).toEqual([0, 1, 2, 2, 3, 4, 5])
    const silent = sound.slice()
    silent.fill(0, 2.5 * rate, 2.5 * rate + 800)
    expect(count(silent).holesMs.length).toBeGreaterThan(0)
    const shorter = count(without(2.5 * rate, 2.5 * rate + 320)).seconds
    expect(shorter[3]!.atMs - shorter[2]!.atMs).toBeCloseTo(980, 1)
  })
})
