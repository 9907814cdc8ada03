import { SAMPLE_RATE_HZ, type LogRecord } from '@3cx-ninja/protocol'
import { expect, it } from 'vitest'
import { whyOf } from '../../agent/src/main/history/noSound.ts'
import { aHeldSite, idOf, plain } from './heldSite.ts'

/** Returns Mulberry32 random numbers: the same seed gives the same playback. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const AWAY: readonly string[] = ['hub-away', 'hub-busy']
const SEEDS = [3, Math.floor(Math.random() * 1e9)]

it.each(SEEDS)(
  'whoever listens hears each record once and in order, whatever the line does (seed %i)',
  async (seed) => {
    const random = seeded(seed)
    const below = (limit: number) => Math.floor(random() * limit)
    await using site = await aHeldSite()
    const ids = ['recording-1', 'recording-2']
    const held = new Map<string, readonly string[]>()
    for (const id of ids) held.set(id, plain(await site.holds(id, 1_500 + below(1_500))))
    const listener = await site.aListener({
    tuning: { tries: 6, againMs: 10, jumpRecords: 60 + below(150), fillRecords: 200 + below(800), soonSamples: below(20) * SAMPLE_RATE_HZ, soonRecords: below(400), maxBytes: 200_000 + below(400_000) },
  }) // prettier-ignore

    const listen = async () => {
      const id = ids[below(ids.length)]!
      const all = held.get(id)!
      const second = below(Math.floor(all.length / 20) + 5)
      const most = 1 + below(2_000)
      const opened = await listener.copies.open(idOf(id), random() < 0.5 ? 'fresh' : 'recent')
      if (!opened.ok) return expect(AWAY).toContain(opened.why)
      const got: LogRecord[] = []
      const reading = opened.recording.records(1, second * SAMPLE_RATE_HZ)
      try {
        for await (const records of reading) {
          got.push(...records)
          if (got.length >= most) break
        }
      } catch (error) {
        // Any other error is unexpected, and no fault of the line.
        if (!AWAY.includes(whyOf(error)) || !(error instanceof Error && 'why' in error)) throw error
      }
      const [first] = got
      if (!first) return
      expect(first.firstSample, `${id} from ${second} s`).toBeLessThanOrEqual(second * SAMPLE_RATE_HZ)
      expect(plain(got)).toEqual(all.slice(first.sequence, first.sequence + got.length))
    }
    const disturb = () => {
      const what = below(4)
      if (what === 0) site.line.cutAfter(20_000 + below(200_000))
      if (what === 1) site.line.cutAfter(Infinity)
      if (what === 2) listener.setThere(random() < 0.7)
      if (what === 3) void listener.copies.linkUp()
    }
    for (let round = 0; round < 12; round++) {
      disturb()
      await Promise.all(Array.from({ length: 1 + below(3) }, listen))
    }
    site.line.cutAfter(Infinity)
    listener.setThere(true)
    // The failures came from the line or from the hub's limit of requests per second (H6): none is unexpected.
    for (const cause of listener.causes)
      expect(cause).toMatch(/cut|cannot be reached|no link|answered 429|was removed/)
    for (const id of ids) {
      const fresh = () => listener.copies.open(idOf(id), 'fresh')
      await expect.poll(async () => (await fresh()).ok, { interval: 250 }).toBe(true)
      const opened = await listener.copies.open(idOf(id), 'recent')
      if (!opened.ok) throw new Error(opened.why)
      const whole: LogRecord[] = []
      for await (const records of opened.recording.records(1, 0)) whole.push(...records)
      expect(plain(whole)).toEqual(held.get(id))
    }
  },
)
