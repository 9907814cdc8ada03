import { makeCountedCall } from '../../../test/long/countedCall.ts'
import { verdictOf, type Median, type Row } from '../row.ts'

const SECONDS = 10
const MAX_CORES = 0.1
const MAX_MB = 150

export function captureMedians(of: {
  readonly cores: number
  readonly peakMb: number
  readonly lost: number
}): Median[] {
  return [
    { what: 'agent: processor', unit: 'cores', value: of.cores, better: 'lower' },
    { what: 'agent: memory', unit: 'MB', value: of.peakMb, better: 'lower' },
    { what: 'seconds lost', unit: '', value: of.lost, better: 'lower' },
  ]
}

/** A call through sound devices: the real headless agent records both sides with `parec`, encodes, encrypts, writes and sends. */
export const capture: Row = {
  name: 'capture',
  title: 'Agent: a call recorded through sound devices',
  async run({ onProgress }) {
    onProgress(0, `${SECONDS} s of a call`)
    const { agent, recorded } = await makeCountedCall(SECONDS)
    const cores = agent.cpu + agent.children
    const lost = 2 * SECONDS - recorded.agent.seconds.length - recorded.caller.seconds.length
    return {
      figures: { agent, lost },
      medians: captureMedians({ cores, peakMb: agent.memory.peakMb, lost }),
      lines: [
        {
          what: 'CPU of the agent with its recorders: capture, encoding, encryption, replication',
          n: 1,
          measured: `${(cores * 100).toFixed(1)} % of a core`,
          target: `≤ ${MAX_CORES * 100} %`,
          verdict: verdictOf(cores <= MAX_CORES),
        },
        {
          what: 'memory of the agent',
          n: 1,
          measured: `${agent.memory.peakMb.toFixed(0)} MB`,
          target: `≤ ${MAX_MB} MB`,
          verdict: verdictOf(agent.memory.peakMb <= MAX_MB),
        },
        {
          what: 'numbered seconds missing from the recording, both sides',
          n: 2 * SECONDS,
          measured: String(lost),
          target: '0',
          verdict: verdictOf(lost === 0),
        },
      ],
    }
  },
}
