import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHelperClock } from '../../src/main/capture/sources/helperClock.ts'
import {
  createHelperReader,
  encodeHelperFrame,
  helperLine,
} from '../../src/main/capture/sources/helperProtocol.ts'

const someFrames = (lengths: readonly number[]) => {
  let firstSample = 0
  return lengths.map((length, sequence) => {
    const samples = Int16Array.from({ length }, (_, index) => ((firstSample + index) * 37) % 32_768)
    const frame = { sequence, firstSample, qpc: 1_000_000 + firstSample * 625, samples }
    firstSample += length
    return frame
  })
}

describe('frames of the capture helper', () => {
  it('frames of the helper come out whole, however the pipe cuts them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1_600 }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }),
        (lengths, cuts) => {
          const frames = someFrames(lengths)
          const bytes = Buffer.concat(frames.map(encodeHelperFrame))
          const read = createHelperReader()
          const found = []
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const end = at + cuts[turn % cuts.length]!
            found.push(...read(bytes.subarray(at, end)))
            at = end
          }
          expect(found).toEqual(frames)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('bytes other than the next frame are refused, and never become sound', () => {
    const [first, second, third] = someFrames([320, 320, 320])
    const refused = (...pieces: Uint8Array[]) =>
      expect(() => createHelperReader()(Buffer.concat(pieces))).toThrow(/install the agent again/)
    refused(Buffer.from('Segmentation fault\n'))
    refused(encodeHelperFrame(first!), Buffer.from([0, 1, 2, 3]))
    refused(encodeHelperFrame(first!), encodeHelperFrame(third!)) // one is missing
    refused(encodeHelperFrame(first!), encodeHelperFrame(first!)) // one comes twice
    refused(encodeHelperFrame({ ...second!, samples: new Int16Array() }))
    const tooLong = Buffer.from(encodeHelperFrame(first!))
    tooLong.writeUInt16LE(60_000, 24)
    refused(tooLong)
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 400 }), (bytes) => {
        fc.pre(Buffer.from(bytes).toString('latin1', 0, 4) !== 'NJAF')
        refused(bytes)
      }),
    )
  })

  it('lines of the helper are parsed; a line that is too long or unknown is dropped', () => {
    expect(helperLine.safeParse({ kind: 'opened', label: 'x' }).success).toBe(true)
    expect(helperLine.safeParse({ kind: 'opened', label: 'x'.repeat(201) }).success).toBe(false)
    expect(helperLine.safeParse({ kind: 'glitches', count: 1 }).success).toBe(false)
  })
})

describe("the helper's clock", () => {
  it('a frame gets its time of capture, also when it waited in the pipe', () => {
    const timeOf = createHelperClock()
    expect(timeOf(5_000_100, 103)).toBe(103)
    expect(timeOf(5_000_200, 201)).toBe(201) // the shortest way so far
    expect(timeOf(5_000_300, 700)).toBe(301)
    expect(timeOf(5_000_400, 701)).toBe(401)
  })

  it('a frame without a time, or with an absurd one, is timed by its arrival', () => {
    const timeOf = createHelperClock()
    timeOf(1_000, 2_000)
    expect(timeOf(undefined, 2_100)).toBe(2_100)
    expect(timeOf(9_000_000, 2_200)).toBe(2_200)
    expect(timeOf(1_300, 2_305)).toBe(2_300)
  })
})
