import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { root } from '../../site/siteState.ts'
import { startPart, type Part } from '../../site/part.ts'
import { watchUse } from '../processUse.ts'
import { summarizeCounts, type Summary } from '../statistics.ts'
import { loadResult, type LoadOrder, type ReceiverOrder } from './messages.ts'

export interface LevelNeeds {
  readonly folder: string
  /** The server under load: the hub or a relay. */
  readonly server: Part
  readonly dialect: 'hub' | 'relay'
  /** wss://host:port */
  readonly url: string
  readonly caFile: string
  readonly agentTokens: readonly string[]
  readonly workerTokens: readonly string[]
  readonly warmUpSeconds: number
  readonly measureSeconds: number
}

export interface Level {
  readonly agents: number
  readonly framesPerSecond: number
  readonly answer: Summary
  /** Delay of frames behind their schedule: the other figures are valid only while this is small. */
  readonly late: Summary
  readonly sent: number
  readonly acknowledged: number
  readonly forwarded: number
  readonly closed: number
  readonly cores: number
  readonly maxRssMB: number
}

const LOAD_PROCESSES = 2
const FRAMES_PER_SECOND = 10
const FRAME_BYTES = 400
const OPENING_MS = 60_000
const POOL = 1_000_000

/** Runs one load: agents send, the server answers and forwards. Resolves with delays, CPU and memory of the server. */
export async function runLevel(needs: LevelNeeds): Promise<Level> {
  const { agentTokens, folder, warmUpSeconds, measureSeconds } = needs
  const parts: Part[] = []
  const launch = async (name: string, script: string, order: object) => {
    const file = path.join(folder, `${name}.json`)
    await writeFile(file, JSON.stringify(order))
    const part = startPart({
      name,
      args: [path.join(root, 'scripts/bench/ingest', script), file],
      logFile: path.join(folder, 'logs', `${name}.log`),
      input: '',
    })
    parts.push(part)
    return part
  }
  const { dialect, url, caFile } = needs
  try {
    const receiver = await launch('receiver', 'receiverProcess.ts', {
      dialect, url, caFile, tokens: [...needs.workerTokens], recordings: agentTokens.length,
    } satisfies ReceiverOrder) // prettier-ignore
    await receiver.waitFor('its sockets', ({ receiver: says }) => says === 'ready', OPENING_MS)
    const share = Math.ceil(agentTokens.length / LOAD_PROCESSES)
    const loads = await Promise.all(
      Array.from({ length: LOAD_PROCESSES }, (_, index) =>
        launch(`load-${index}`, 'loadProcess.ts', {
          dialect,
          url: dialect === 'hub' ? `${url}/link/agent` : `${url}/agent`,
          caFile,
          tokens: agentTokens.slice(index * share, (index + 1) * share),
          first: index * share,
          framesPerSecond: FRAMES_PER_SECOND,
          frameBytes: FRAME_BYTES,
          warmUpSeconds,
          measureSeconds,
        } satisfies LoadOrder),
      ),
    )
    const all = (says: string, limitMs: number) =>
      Promise.all(loads.map((part) => part.waitFor(says, ({ load }) => load === says, limitMs)))
    await all('ready', OPENING_MS)
    if (dialect === 'hub')
      await receiver.waitFor('all leases', ({ receiver: says }) => says === 'all-leased', OPENING_MS)
    for (const part of loads) part.write('go\n')
    await all('measuring', OPENING_MS)
    const watch = await watchUse(needs.server.pid)
    await all('sent', OPENING_MS)
    const { cores, maxRssBytes } = await watch.end()
    const results = (await all('measured', OPENING_MS)).map((line) => loadResult.parse(line))
    receiver.write('?\n')
    const counted = await receiver.waitFor('its count', ({ receiver: says }) => says === 'frames', OPENING_MS)
    const sum = (of: (result: (typeof results)[number]) => number) =>
      results.reduce((total, result) => total + of(result), 0)
    return {
      agents: agentTokens.length,
      framesPerSecond: FRAMES_PER_SECOND * agentTokens.length,
      answer: summarizeCounts(results.map(({ answer }) => answer)),
      late: summarizeCounts(results.map(({ late }) => late)),
      sent: sum(({ sent }) => sent),
      acknowledged: sum(({ answer }) => answer.reduce((total, [, count]) => total + count, 0)),
      forwarded: Number(counted.frames),
      closed: sum(({ closed }) => closed),
      cores,
      maxRssMB: maxRssBytes / POOL,
    }
  } finally {
    await Promise.all(parts.map((part) => part.kill('SIGKILL')))
  }
}
