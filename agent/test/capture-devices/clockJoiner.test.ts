import { describe, expect, it } from 'vitest'
import { SAMPLES_PER_RECORD, SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'
import { createClockJoiner } from '../../src/main/capture/joining/clockJoiner.ts'
import {
  clicks,
  createClickFinder,
  driftingSource,
  quietBetween,
  seededRandom,
  type DriftingSource,
} from '../../testing/capture/driftingSource.ts'
import { cpuTimeMs } from '../../../protocol/testing/cpuTime.ts'

type Given = Partial<DriftingSource>

/** Plays two simulated sources into the joiner and finds their clicks in its output. */
function join({ agent, caller, lengthMs }: { agent: Given; caller: Given; lengthMs: number }) {
  const everyMs = 1_000
  const common = {
    ppm: 0,
    sound: clicks(everyMs),
    quiet: quietBetween(everyMs),
    startMs: 0,
    endMs: lengthMs,
    pieceMs: 20,
    delayMs: () => 5,
  }
  const sources = {
    agent: driftingSource({ ...common, ...agent }),
    caller: driftingSource({ ...common, ...caller }),
  }
  const joiner = createClockJoiner({ startMs: 0 })
  const finders = { agent: createClickFinder(), caller: createClickFinder() }
  const gaps: { firstSample: number; samples: number }[] = []
  let latestMs = 0
  let next = 0
  const take = (nowMs: number) => {
    for (const joined of joiner.advance(nowMs)) {
      if (joined.kind === 'gap') {
        gaps.push(joined)
        expect(joined.firstSample).toBe(next)
        next += joined.samples
        continue
      }
      const { block } = joined
      expect(block.firstSample).toBe(next)
      next += SAMPLES_PER_RECORD
      latestMs = Math.max(latestMs, nowMs - (next / SAMPLE_RATE_HZ) * 1_000)
      finders.agent.take(block.agent, block.firstSample)
      finders.caller.take(block.caller, block.firstSample)
    }
  }
  const upcoming = { agent: sources.agent.next(), caller: sources.caller.next() }
  for (let tickMs = 100; tickMs <= lengthMs + 10_000; tickMs += 10) {
    for (const channel of ['agent', 'caller'] as const) {
      for (
        let piece = upcoming[channel];
        !piece.done && piece.value.atMs <= tickMs;
        piece = upcoming[channel]
      ) {
        joiner.push(channel, piece.value.samples, piece.value.atMs)
        upcoming[channel] = sources[channel].next()
      }
    }
    take(tickMs)
  }
  return { agent: finders.agent.found, caller: finders.caller.found, joiner, gaps, latestMs }
}

/** Each click of the true time from `fromMs` on, once, within `withinMs`. */
function expectClicks(found: readonly number[], { fromMs, toMs, withinMs }: Record<string, number>) {
  const wanted: number[] = []
  for (let at = Math.ceil(fromMs! / 1_000) * 1_000; at < toMs!; at += 1_000) wanted.push(at + 1)
  const near = found.filter((at) => at >= fromMs! - 500 && at < toMs! - 500)
  expect(near).toHaveLength(wanted.length)
  const worst = Math.max(...wanted.map((at, index) => Math.abs(near[index]! - at)))
  expect(worst).toBeLessThan(withinMs!)
  return worst
}

describe('two sources on one clock', () => {
  it('the joiner keeps the channels within 20 ms over 30 minutes with one source 100 ppm fast, and loses nothing', () => {
    const lengthMs = 30 * 60_000
    const random = seededRandom(1)
    const { agent, caller, joiner } = join({
      lengthMs,
      agent: { ppm: 100, delayMs: () => 2 + 25 * random() },
      caller: { delayMs: () => 2 + 25 * random() },
    })
    expect(agent).toHaveLength(lengthMs / 1_000)
    expect(caller).toHaveLength(lengthMs / 1_000)
    const apart = agent.map((at, index) => Math.abs(at - caller[index]!))
    console.log(`drift over 30 min at 100 ppm: at most ${Math.max(...apart).toFixed(2)} ms apart`)
    expect(Math.max(...apart)).toBeLessThan(20)
    expect(joiner.lostSamples('agent') + joiner.lostSamples('caller')).toBe(0)
  })

  it.each([11, 12, 13, 14, 15, 16, 17, 18])(
    'the joiner keeps every sound once and at its time, whatever clocks, delays and stalls do (seed %i)',
    (seed) => {
      const random = seededRandom(seed)
      const aSource = (): Given => {
        const loadMs = 60 * random()
        return {
          ppm: Math.round(600 * random() - 300),
          pieceMs: 5 + Math.round(95 * random()),
          startMs: Math.round(400 * random()),
          delayMs: () => (random() < 0.02 ? 300 * random() : loadMs * random()),
          stalls: [20, 35, 50].map((second) => {
            const fromMs = second * 1_000 + 5_000 * random()
            return { fromMs, toMs: fromMs + 2_500 * random() }
          }),
        }
      }
      const lengthMs = 60_000
      const { agent, caller, joiner } = join({ lengthMs, agent: aSource(), caller: aSource() })
      // a piece of 100 ms shows its time only by its end, once: the bound holds for any piece length
      for (const found of [agent, caller])
        expectClicks(found, { fromMs: 1_000, toMs: lengthMs - 1_000, withinMs: 25 })
      expect(joiner.lostSamples('agent') + joiner.lostSamples('caller')).toBe(0)
    },
  )

  it('the joiner puts silence where a source lost sound, and keeps the sound after it at its time', () => {
    const { agent, caller } = join({
      lengthMs: 40_000,
      agent: { losses: [{ fromMs: 10_200, toMs: 11_700 }] },
      caller: {},
    })
    expectClicks(caller, { fromMs: 0, toMs: 39_000, withinMs: 10 })
    expectClicks(agent, { fromMs: 0, toMs: 10_000, withinMs: 10 })
    expectClicks(agent, { fromMs: 18_000, toMs: 39_000, withinMs: 10 })
  })

  it('the joiner lets the other channel go on when a source is lost, and resumes the lost one at its time', () => {
    const { agent, caller, latestMs } = join({
      lengthMs: 40_000,
      agent: { losses: [{ fromMs: 10_500, toMs: 20_500 }] },
      caller: {},
    })
    expectClicks(caller, { fromMs: 0, toMs: 39_000, withinMs: 10 })
    expectClicks(agent, { fromMs: 0, toMs: 10_000, withinMs: 10 })
    expectClicks(agent, { fromMs: 21_000, toMs: 39_000, withinMs: 10 })
    expect(latestMs).toBeLessThan(3_300)
  })

  it('the joiner accepts a source that comes late, as the monitor of an idle output does, without shifting it', () => {
    const { agent, caller } = join({ lengthMs: 10_000, agent: {}, caller: { startMs: 1_700 } })
    expectClicks(agent, { fromMs: 0, toMs: 9_000, withinMs: 10 })
    expectClicks(caller, { fromMs: 2_000, toMs: 9_000, withinMs: 10 })
  })

  it('the joiner reports a gap while neither source gives anything, and goes on after it', () => {
    const losses = [{ fromMs: 5_500, toMs: 15_500 }]
    const { agent, gaps } = join({ lengthMs: 25_000, agent: { losses }, caller: { losses } })
    expect(gaps.reduce((sum, { samples }) => sum + samples, 0) / SAMPLE_RATE_HZ).toBeGreaterThan(9)
    expectClicks(agent, { fromMs: 16_000, toMs: 24_000, withinMs: 10 })
  })

  it('the joiner wakes up after a night of sleep at once, with one gap, and goes on at the right time', () => {
    const joiner = createClockJoiner({ startMs: 0 })
    const feed = (fromMs: number, toMs: number, value: number) => {
      const out = []
      for (let at = fromMs + 20; at <= toMs; at += 20) {
        for (const channel of ['agent', 'caller'] as const)
          joiner.push(channel, new Int16Array(320).fill(value), at)
        out.push(...joiner.advance(at))
      }
      return out
    }
    feed(0, 2_000, 500)
    const nightMs = 10 * 3_600_000
    let asleep: ReturnType<typeof joiner.advance> = []
    expect(cpuTimeMs(() => (asleep = joiner.advance(nightMs)))).toBeLessThan(500)
    expect(asleep.filter(({ kind: at }) => at === 'gap')).toHaveLength(1)
    const awake = feed(nightMs, nightMs + 3_000, 900)
    const loud = awake.find((joined) => joined.kind === 'block' && joined.block.agent.includes(900))
    expect(loud?.kind === 'block' && loud.block.firstSample / 16).toBeCloseTo(nightMs, -3)
  })

  it('the joiner gives the end of a device before the beginning of the next one', () => {
    const joiner = createClockJoiner({ startMs: 0 })
    const tone = (value: number, ms: number) => new Int16Array(16 * ms).fill(value)
    joiner.push('caller', tone(100, 2_000), 2_000)
    joiner.push('agent', tone(1_000, 950), 950)
    joiner.restart('agent')
    joiner.push('agent', tone(3_000, 200), 1_250)
    for (let at = 1_270; at <= 2_000; at += 20) joiner.push('agent', tone(3_000, 20), at)
    const samples = joiner
      .advance(2_400)
      .flatMap((joined) => (joined.kind === 'block' ? [...joined.block.agent] : []))
    const countNear = (value: number) => samples.filter((sample) => Math.abs(sample - value) < 50).length
    expect(countNear(1_000) / 16).toBeCloseTo(950, -1)
    expect(countNear(0) / 16).toBeCloseTo(100, -1) // 950 to 1,050 ms: neither device
    expect(samples.findIndex((sample) => sample > 2_500) / 16).toBeCloseTo(1_050, -1)
  })

  it('the joiner holds no more than some seconds of a source that runs away', () => {
    const joiner = createClockJoiner({ startMs: 0 })
    for (let second = 0; second < 100; second++) joiner.push('agent', new Int16Array(16_000), 100)
    expect(joiner.lostSamples('agent')).toBeGreaterThan(90 * SAMPLE_RATE_HZ)
  })

  it.each([300, 1_000, 3_000, 6_000])('the joiner bends a tone of %i Hz without audible noise', (hz) => {
    const joiner = createClockJoiner({ startMs: 0 })
    const out: number[] = []
    for (const { samples, atMs } of driftingSource({
      ppm: 150,
      sound: (ms) => 0.5 * Math.sin((2 * Math.PI * hz * ms) / 1_000),
      startMs: 0,
      endMs: 12_000,
      pieceMs: 20,
      delayMs: () => 0,
    })) {
      joiner.push('agent', samples, atMs)
      joiner.push('caller', samples, atMs)
      for (const joined of joiner.advance(atMs)) if (joined.kind === 'block') out.push(...joined.block.agent)
    }
    const tail = out.slice(8 * SAMPLE_RATE_HZ, 8 * SAMPLE_RATE_HZ + SAMPLES_PER_RECORD) // one bend, one pitch
    expect(signalToNoiseDb(tail, hz)).toBeGreaterThan(50)
  })
})

/** Returns the power of the best fitting sine of about `hz` against the rest. The clock is bent, so the function searches the pitch. */
function signalToNoiseDb(samples: readonly number[], hz: number): number {
  let best = -Infinity
  for (let ppm = -1_500; ppm <= 1_500; ppm += 5) {
    const omega = (2 * Math.PI * hz * (1 + ppm / 1e6)) / SAMPLE_RATE_HZ
    let cos = 0
    let sin = 0
    samples.forEach((value, index) => {
      cos += (2 / samples.length) * value * Math.cos(omega * index)
      sin += (2 / samples.length) * value * Math.sin(omega * index)
    })
    let noise = 0
    samples.forEach((value, index) => {
      noise += (value - cos * Math.cos(omega * index) - sin * Math.sin(omega * index)) ** 2
    })
    best = Math.max(best, 10 * Math.log10((cos ** 2 + sin ** 2) / 2 / (noise / samples.length)))
  }
  return best
}
