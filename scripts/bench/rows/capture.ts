import { makeCountedCall } from '../../../test/long/countedCall.ts'
import { verdictOf, type Row } from '../row.ts'

const SECONDS = 10
const MAX_CORES = 0.1
const MAX_MB = 150

/** A call through sound devices: the real headless agent hears both sides with `parec`, encodes, encrypts, writes and sends. */
export const capture: Row = {
  name: 'capture',
  title: 'Agent: a call heard through sound devices',
  async run({ onProgress }) {
    onProgress(0, `${SECONDS} s of a call`)
    const { agent, heard } = await makeCountedCall(SECONDS)
    const cores = agent.cpu + agent.children
    const lost = 2 * SECONDS - heard.agent.seconds.length - heard.caller.seconds.length
    return {
      figures: { agent, lost },
      medians: [
        { what: 'agent: processor', unit: 'cores', value: cores, better: 'lower' },
        { what: 'agent: memory', unit: 'MB', value: agent.memory.peakMb, better: 'lower' },
        { what: 'seconds lost', unit: '', value: lost, better: 'lower' },
      ],
      lines: [
        {
          what: 'capture, encoding, encryption and replication, with its recorders: processor',
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
          what: 'numbered seconds that are not in the recording, of both sides',
          n: 2 * SECONDS,
          measured: String(lost),
          target: '0',
          verdict: verdictOf(lost === 0),
        },
      ],
    }
  },
}
