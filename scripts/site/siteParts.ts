import path from 'node:path'
import type { Part } from './part.ts'
import { enrollmentKey } from './siteAdmin.ts'
import { launch, type SiteState } from './siteState.ts'

export const WEBHOOK_SECRET = 'demonstration-webhook-secret-of-this-machine'
/** Longer than a hub on a machine with much other work takes (8 s measured at a load of 22); an end is reported at once. */
const READY_MS = 120_000
/** The worker loads its model and tests itself first. */
const WORKER_READY_MS = 300_000

/** Starts the sandbox NinjaOne; resolves once it listens, rejects with a PartError when it does not. */
export async function startNinjaone(site: SiteState): Promise<Part> {
  const data = path.join(site.folder, 'ninjaone.json')
  const args = ['test/sandbox/ninjaone/main.ts', '--port', String(site.ninjaPort), '--data', data]
  const part = launch(site, { name: 'ninjaone', args })
  await part.waitFor('its address', (line) => line.sandbox === 'ninjaone', READY_MS)
  return part
}

/** Starts the hub; resolves once it is ready, with a new admin link and no admin session. */
export async function startHub(site: SiteState): Promise<Part> {
  const args = ['--max-semi-space-size=16', 'hub/hub.mjs', '--settings', site.settingsFile, '--admin-link']
  const part = launch(site, { name: 'hub', args })
  const ready = await part.waitFor('ready', (line) => line.msg === 'hub.ready', READY_MS)
  site.adminLink = String(ready.adminLink)
  site.session = undefined
  return part
}

/** Starts a worker; resolves once it is attached to the hub. `more`: further arguments. */
export async function startWorker(site: SiteState, more: readonly string[] = []): Promise<Part> {
  const { key } = await enrollmentKey(site, 'worker')
  const data = path.join(site.folder, 'worker')
  const args = [
    'worker/src/main.ts', '--hub', site.hubUrl, '--enrollment-key', key,
    '--data', data, '--name', 'demo-worker', ...more,
  ] // prettier-ignore
  const part = launch(site, { name: 'worker', args })
  await part.waitFor('attached', (line) => line.msg === 'worker.attached', WORKER_READY_MS)
  return part
}

/** Starts a headless agent; resolves once its link is open. Its script is written to its stdin. */
export async function startAgent(site: SiteState, more: readonly string[]): Promise<Part> {
  const args = ['agent/src/main/headless/main.ts', ...(await agentArguments(site)), ...more]
  const part = launch(site, { name: 'agent', args, input: '' })
  await part.waitFor('connected', (line) => line.kind === 'link' && line.at === 'open', READY_MS)
  return part
}

/** Starts the same agent with its window in a browser; resolves with the window's address. */
export async function startAgentWeb(
  site: SiteState,
  more: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<{ part: Part; link: string }> {
  const args = ['agent/src/main/web/main.ts', ...(await agentArguments(site)), ...more]
  const part = launch(site, { name: 'agent', args, input: '', env })
  const { link } = await part.waitFor('its window', (line) => line.kind === 'window', READY_MS)
  return { part, link: String(link) }
}

/** Starts the sandbox PBX, which reports calls to the hub by webhook. */
export function startPbx(site: SiteState, more: readonly string[]): Part {
  const args = [
    'test/sandbox/pbx/main.ts', '--hub', site.hubUrl, '--ca', path.join(site.secrets, 'ca.pem'),
    '--secret', WEBHOOK_SECRET, '--extension', '201', ...more,
  ] // prettier-ignore
  return launch(site, { name: 'pbx', args })
}

/** Stops every part, callers before the parts they call, so that no request fails in between. Resolves when all have ended. */
export async function stopParts(site: SiteState): Promise<void> {
  const named = (name: string) => [...site.running].filter((part) => part.name === name)
  for (const name of ['pbx', 'agent', 'worker', 'hub', 'ninjaone'])
    await Promise.all(named(name).map((part) => part.stop()))
}

async function agentArguments(site: SiteState): Promise<string[]> {
  const { key } = await enrollmentKey(site, 'agent')
  return [
    '--hub', site.hubUrl, '--enrollment-key', key, '--data', path.join(site.folder, 'agent'),
    '--extension', '201', '--name', 'Camille Durand', '--json',
  ] // prettier-ignore
}
