import { openSite } from '../../site/site.ts'
import { ms, verdictOf, type Median, type Row } from '../row.ts'
import { summarize } from '../statistics.ts'

const STARTS = 6
const MAX_MS = 1_000

export function startMedians([first = 0, ...later]: readonly number[]): Median[] {
  return [
    { what: 'first start', unit: 'ms', value: first, better: 'lower' },
    { what: 'later starts, p50', unit: 'ms', value: summarize(later).p50, better: 'lower' },
  ]
}

/** From the start of the hub's process to its ready line. The first start also creates keys and database. */
export const hubStart: Row = {
  name: 'start',
  title: 'Hub: start to ready',
  async run({ folder, onProgress }) {
    const site = await openSite({ folder, hubSettings: { ninjaone: {} } })
    const readyMs: number[] = []
    for (let index = 0; index < STARTS; index++) {
      onProgress((index / STARTS) * 100, `start ${index + 1} of ${STARTS}`)
      const startedMs = performance.now()
      const hub = await site.startHub()
      readyMs.push(performance.now() - startedMs)
      await hub.kill('SIGTERM')
    }
    const [first = 0, ...later] = readyMs
    const { n, p50, max } = summarize(later)
    const target = `≤ ${ms(MAX_MS)}`
    return {
      figures: { readyMs },
      medians: startMedians(readyMs),
      lines: [
        {
          what: 'first start, with new keys',
          n: 1,
          measured: ms(first),
          target,
          verdict: verdictOf(first <= MAX_MS),
        },
        {
          what: 'later starts',
          n,
          measured: `p50 ${ms(p50)}, longest ${ms(max)}`,
          target,
          verdict: verdictOf(max <= MAX_MS),
        },
      ],
    }
  },
}
