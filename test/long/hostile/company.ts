import { execFile } from 'node:child_process'
import { cp, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { enrollAll } from '../../../scripts/bench/ingest/enrollAll.ts'
import { enrollResponse } from '@3cx-ninja/protocol'
import { ask } from '../../../scripts/site/ask.ts'
import { startPart, type Part } from '../../../scripts/site/part.ts'
import { openSite, type Site } from '../../../scripts/site/site.ts'
import { root } from '../../../scripts/site/siteState.ts'
import type { AttackerRole } from './kinds.ts'

export const HONEST_AGENTS = 20
/** The hub has one core; attackers and honest agents share the other. */
export const HUB_CORE = 0
export const CLIENTS_CORE = 1
/** Silent workers take the recordings of the honest agents. */
const WORKERS = 1

export interface Company {
  readonly url: string
  readonly caFile: string
  readonly folder: string
  readonly agentTokens: readonly string[]
  readonly workerTokens: readonly string[]
  readonly caller: { readonly token: string; readonly extension: string }
  tokenOf(role: AttackerRole): string
  /** Starts the hub from its state after enrollment, on its core. */
  startHub(): Promise<Part>
  /** Starts a script of the tests on the clients' core. */
  startClient(name: string, script: string, order: object): Promise<Part>
  stop(): Promise<void>
}

/** Pins a process with all its threads to a core; resolves once it is pinned. */
export async function pin(pid: number, core: number): Promise<void> {
  await promisify(execFile)('taskset', ['-acp', String(core), String(pid)])
}

/** Prepares a hub of this tree with honest clients and one attacker of each role, all enrolled. */
export async function openCompany(folder: string, tree: string): Promise<Company> {
  const site = await openSite({ folder, tree, hubSettings: { ninjaone: {} } })
  const first = await site.startHub()
  const agentTokens = await enrollAll(site, 'agent', HONEST_AGENTS + 2)
  const workerTokens = await enrollAll(site, 'worker', WORKERS + 1)
  const wallboard = await enrollWallboard(site)
  await first.kill('SIGTERM')
  const [data, enrolled] = [path.join(folder, 'hub'), path.join(folder, 'hub-enrolled')]
  await cp(data, enrolled, { recursive: true })
  const tokens: Record<AttackerRole, string> = {
    none: '',
    agent: agentTokens[HONEST_AGENTS + 1] ?? '',
    worker: workerTokens[WORKERS] ?? '',
    wallboard,
  }
  return {
    url: site.hubUrl,
    caFile: path.join(folder, 'hub-secrets', 'ca.pem'),
    folder,
    agentTokens: agentTokens.slice(0, HONEST_AGENTS),
    workerTokens: workerTokens.slice(0, WORKERS),
    caller: { token: agentTokens[HONEST_AGENTS] ?? '', extension: String(10_000 + HONEST_AGENTS) },
    tokenOf: (role) => tokens[role],
    async startHub() {
      await rm(data, { recursive: true, force: true })
      await cp(enrolled, data, { recursive: true })
      const hub = await site.startHub()
      await pin(hub.pid, HUB_CORE)
      return hub
    },
    startClient: (name, script, order) => startClient(folder, name, script, order),
    stop: () => site.stop(),
  }
}

async function startClient(folder: string, name: string, script: string, order: object): Promise<Part> {
  const file = path.join(folder, `${name}.json`)
  await writeFile(file, JSON.stringify(order))
  const logFile = path.join(folder, 'logs', `${name}.log`)
  const part = startPart({ name, args: [path.join(root, script), file], logFile, input: '' })
  await pin(part.pid, CLIENTS_CORE)
  return part
}

async function enrollWallboard(site: Site): Promise<string> {
  const { key } = await site.enrollmentKey('wallboard')
  const body = { secret: key.split('.')[0], role: 'wallboard', name: 'Hostile', machine: 'hostile' }
  const answer = await ask(`${site.hubUrl}/api/enroll`, { ca: await site.ca(), body })
  return enrollResponse.parse(answer.json()).token
}
