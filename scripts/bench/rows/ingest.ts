import { openIngest, type Run, type Server } from '../ingest/openIngest.ts'
import type { Level } from '../ingest/runLevel.ts'
import { ms, times, verdictOf, type Line, type Median, type Row } from '../row.ts'

const AGENTS = 1_000
const FLUSH_DELAY_MS = 10
const MAX_RATIO = 2
const MAX_RSS_MB = 300

/**
 * 1,000 agents fill a journal segment of 64 MiB in 12 s: then the hub flushes their files one after another, which must
 * be part of the measurement.
 */
const LOADS = [
  { agents: 200, warmUpSeconds: 2, measureSeconds: 5 },
  { agents: AGENTS, warmUpSeconds: 5, measureSeconds: 9 },
] as const
export const MIN_AGENTS = LOADS[0].agents
/** Each kind of server at each load, so that one run measures both sides of every comparison. */
const RUNS: readonly Run[] = [
  ...LOADS.flatMap((load) =>
    (['relay', 'stored', 'hub'] as const).map((server) => ({ server, ...load, flushDelayMs: 0 })),
  ),
  ...(['stored', 'hub'] as const).map((server) => ({
    server,
    ...LOADS[1],
    flushDelayMs: FLUSH_DELAY_MS,
  })),
]

/** Agents that each send 10 frames of 400 bytes a second to the real hub, against bare relays on the same machine. */
export const ingest: Row = {
  name: 'ingest',
  title: 'Hub: frames stored, flushed, forwarded, acknowledged',
  async run(needs) {
    const { agents: maxAgents = AGENTS } = needs
    // All agents are enrolled even when few of them send, as in a whole run, so that the figures are comparable.
    const bench = await openIngest({ ...needs, agents: AGENTS })
    const runs = RUNS.filter(({ agents }) => agents <= maxAgents)
    const measured: { run: Run; level: Level }[] = []
    for (const [index, run] of runs.entries()) {
      const doing = `${run.agents} agents, ${run.server}${run.flushDelayMs ? ', slow disk' : ''}`
      needs.onProgress((index / runs.length) * 100, doing)
      measured.push({ run, level: await bench.measure(run) })
    }
    return { lines: linesOf(measured), medians: ingestMedians(measured), figures: measured }
  },
}

export interface IngestFigures {
  readonly run: Pick<Run, 'server' | 'agents' | 'flushDelayMs'>
  readonly level: Pick<Level, 'cores' | 'maxRssMB' | 'sent' | 'acknowledged'> & {
    readonly answer: { readonly p50: number }
  }
}

export function ingestMedians(measured: readonly IngestFigures[]): Median[] {
  return measured
    .filter(({ run }) => run.server === 'hub')
    .flatMap(({ run, level }) => {
      const where = `${run.agents} agents${run.flushDelayMs ? ', slow disk' : ''}`
      return [
        { what: `${where}: frame → acknowledgement, p50`, unit: 'ms', value: level.answer.p50, better: 'lower' },
        { what: `${where}: processor`, unit: 'cores', value: level.cores, better: 'lower' },
        { what: `${where}: memory`, unit: 'MB', value: level.maxRssMB, better: 'lower' },
        { what: `${where}: frames without acknowledgement`, unit: '', value: level.sent - level.acknowledged, better: 'lower' },
      ] as const
    }) // prettier-ignore
}

function linesOf(measured: readonly { run: Run; level: Level }[]): Line[] {
  const level = (server: Server, of: Run) =>
    measured.find(
      ({ run }) => run.server === server && run.agents === of.agents && run.flushDelayMs === of.flushDelayMs,
    )?.level
  const answers = ({ answer }: Level) => `p50 ${ms(answer.p50)}, p99 ${ms(answer.p99)}`
  return measured
    .filter(({ run }) => run.server === 'hub')
    .flatMap(({ run, level: hub }) => {
      const stored = level('stored', run)
      const bare = level('relay', run)
      const where = `${run.agents} agents${run.flushDelayMs ? `, each flush ${run.flushDelayMs} ms longer` : ''}`
      const compare = (name: string, baseline: Level | undefined, bound: boolean): readonly Line[] => {
        if (!baseline) return []
        const [p99, cores] = [hub.answer.p99 / baseline.answer.p99, hub.cores / baseline.cores]
        const target = bound ? { target: `≤ ${MAX_RATIO}×` } : {}
        const verdict = (ratio: number) => (bound ? verdictOf(ratio <= MAX_RATIO) : 'none')
        return [
          {
            what: `${where}: frame → acknowledgement, against ${name}`,
            n: hub.answer.n,
            measured: answers(hub),
            baseline: answers(baseline),
            ratio: `${times(p99)} at p99`,
            ...target,
            verdict: verdict(p99),
          },
          {
            what: `${where}: processor, against ${name}`,
            n: 1,
            measured: `${hub.cores.toFixed(2)} cores`,
            baseline: `${baseline.cores.toFixed(2)} cores`,
            ratio: times(cores),
            ...target,
            verdict: verdict(cores),
          },
        ]
      }
      const lost = hub.sent - hub.acknowledged
      return [
        ...compare('a relay that encrypts and flushes too', stored, true),
        ...compare('a bare relay', bare, false),
        {
          what: `${where}: memory`,
          n: 1,
          measured: `${hub.maxRssMB.toFixed(0)} MB`,
          ...(stored ? { baseline: `${stored.maxRssMB.toFixed(0)} MB` } : {}),
          target: `≤ ${MAX_RSS_MB} MB`,
          verdict: verdictOf(hub.maxRssMB <= MAX_RSS_MB),
        },
        {
          what: `${where}: frames without acknowledgement`,
          n: hub.sent,
          measured: String(lost),
          target: '0',
          verdict: verdictOf(lost === 0 && hub.closed === 0),
        },
      ]
    })
}
