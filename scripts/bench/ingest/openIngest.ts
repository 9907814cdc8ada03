import { cp, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { startPart, type Part } from '../../site/part.ts'
import { openSite, type Site } from '../../site/site.ts'
import { root } from '../../site/siteState.ts'
import type { RowNeeds } from '../row.ts'
import { enrollAll } from './enrollAll.ts'
import type { RelayOrder } from './messages.ts'
import { runLevel, type Level } from './runLevel.ts'

/** The kinds of server: relay forwards and answers, stored also encrypts and flushes, hub is the product. */
export type Server = 'relay' | 'stored' | 'hub'
export interface Run {
  readonly server: Server
  readonly agents: number
  readonly flushDelayMs: number
  readonly warmUpSeconds: number
  readonly measureSeconds: number
}
/** Five workers offer 1,000 slots: one offers at most 200 (worker/src/tuning.ts). */
const WORKERS = 5
const READY_MS = 30_000

/** Opens a hub with this many enrolled agents; each run starts from a copy of its state. */
export async function openIngest({
  folder,
  agents: howMany,
  onProgress,
}: RowNeeds & { readonly agents: number }) {
  onProgress(0, `enrolling ${howMany} agents`)
  // Without a helpdesk account no ticket is filed, so no sandbox has to run.
  const site: Site = await openSite({ folder, hubSettings: { ninjaone: {} } })
  const first = await site.startHub()
  const agentTokens = await enrollAll(site, 'agent', howMany)
  const workerTokens = await enrollAll(site, 'worker', WORKERS)
  await first.kill('SIGTERM')
  const data = path.join(folder, 'hub')
  const enrolled = path.join(folder, 'hub-enrolled')
  await cp(data, enrolled, { recursive: true })
  const caFile = path.join(folder, 'hub-secrets', 'ca.pem')

  const startHub = async (flushDelayMs: number): Promise<{ part: Part; url: string }> => {
    await rm(data, { recursive: true, force: true })
    await cp(enrolled, data, { recursive: true })
    const url = site.hubUrl.replace('https:', 'wss:')
    if (flushDelayMs === 0) return { part: await site.startHub(), url }
    const settings = path.join(folder, 'hub-settings.json')
    const part = startPart({
      name: 'slow-hub',
      args: [
        '--max-semi-space-size=16', path.join(root, 'hub/testing/slowHub.ts'), '--settings', settings, '--flush-delay', String(flushDelayMs),
      ],
      logFile: path.join(folder, 'logs', 'slow-hub.log'),
    }) // prettier-ignore
    await part.waitFor('ready', (line) => line.msg === 'hub.ready', READY_MS)
    return { part, url }
  }
  const startRelay = async (kind: 'relay' | 'stored', flushDelayMs: number) => {
    const order: RelayOrder = {
      kind,
      flushDelayMs,
      leafFile: path.join(folder, 'hub-secrets', 'leaf.pem'),
      file: path.join(folder, 'relayed.log'),
    }
    const orderFile = path.join(folder, 'relay.json')
    await writeFile(orderFile, JSON.stringify(order))
    const part = startPart({
      name: 'relay',
      args: [path.join(root, 'scripts/bench/ingest/relayProcess.ts'), orderFile],
      logFile: path.join(folder, 'logs', 'relay.log'),
    })
    const { port } = await part.waitFor('ready', (line) => line.relay === 'ready', READY_MS)
    return { part, url: `wss://127.0.0.1:${String(port)}` }
  }

  return {
    async measure({ server, agents, flushDelayMs, ...times }: Run): Promise<Level> {
      const { part, url } =
        server === 'hub' ? await startHub(flushDelayMs) : await startRelay(server, flushDelayMs)
      try {
        return await runLevel({
          folder,
          server: part,
          dialect: server === 'hub' ? 'hub' : 'relay',
          url,
          caFile,
          agentTokens: agentTokens.slice(0, agents),
          workerTokens,
          ...times,
        })
      } finally {
        await part.kill('SIGKILL')
      }
    },
  }
}
