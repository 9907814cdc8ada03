import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { z } from 'zod'
import { ask } from './ask.ts'
import type { Part, PartLine } from './part.ts'
import { createAdminLink, createWallboardLink, enrollmentKey, readCa, signInNinjaone } from './siteAdmin.ts'
import {
  startAgent,
  startAgentWeb,
  startHub,
  startNinjaone,
  startPbx,
  startWorker,
  stopParts,
  WEBHOOK_SECRET,
} from './siteParts.ts'
import { root, type Enrollment, type RoleName, type SiteState } from './siteState.ts'

export interface SiteNeeds {
  readonly folder: string
  /** Tree whose programs are started; this one by default. */
  readonly tree?: string
  readonly onLine?: (from: RoleName, line: PartLine) => void
  /** Groups of hub-settings.json on top of the site's own. */
  readonly hubSettings?: Readonly<Record<string, object>>
}

/** A whole company on one machine: every part its own process, over real sockets with TLS. Parts can be killed and started again. */
export interface Site {
  readonly hubUrl: string
  readonly ninjaUrl: string
  startNinjaone(): Promise<Part>
  startHub(): Promise<Part>
  startWorker(more?: readonly string[]): Promise<Part>
  /** `more`: further arguments of the headless agent. Steps of its script are written to its stdin. */
  startAgent(more: readonly string[]): Promise<Part>
  /** Starts the same agent with its window in a browser; resolves with the part and the window's address. */
  startAgentWeb(
    more: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<{ part: Part; link: string }>
  startPbx(more: readonly string[]): Part
  /** As an administrator: signs NinjaOne in. Needs a hub just started. */
  signInNinjaone(): Promise<void>
  enrollmentKey(role: 'agent' | 'worker' | 'wallboard'): Promise<Enrollment>
  /** Opens the admin page once, for a person. */
  adminLink(): Promise<string>
  /** Address of the wallboard that signs a browser in. */
  wallboardLink(): Promise<string>
  tickets(): Promise<readonly StoredTicket[]>
  ca(): Promise<string>
  stop(): Promise<void>
}

const storedTicket = z.looseObject({
  id: z.number(),
  subject: z.string(),
  log: z.array(z.looseObject({ type: z.string(), body: z.string().nullish() })).default([]),
})
export type StoredTicket = z.infer<typeof storedTicket>

/**
 * Prepares a whole company on one machine, with free ports and its own settings file; starts no part yet. Rejects when the
 * folder cannot be written.
 */
export async function openSite(needs: SiteNeeds): Promise<Site> {
  const { folder } = needs
  await mkdir(path.join(folder, 'logs'), { recursive: true })
  const [hubPort, ninjaPort] = [await freePort(), await freePort()]
  const site: SiteState = {
    folder,
    tree: needs.tree ?? root,
    hubUrl: `https://127.0.0.1:${hubPort}`,
    ninjaUrl: `http://127.0.0.1:${ninjaPort}`,
    ninjaPort,
    settingsFile: path.join(folder, 'hub-settings.json'),
    secrets: path.join(folder, 'hub-secrets'),
    onLine: needs.onLine,
    running: new Set(),
    enrollments: new Map(),
    adminLink: '',
    session: undefined,
  }
  await writeSettings(site, hubPort, needs.hubSettings)
  return {
    hubUrl: site.hubUrl,
    ninjaUrl: site.ninjaUrl,
    startNinjaone: () => startNinjaone(site),
    startHub: () => startHub(site),
    startWorker: (more) => startWorker(site, more),
    startAgent: (more) => startAgent(site, more),
    startAgentWeb: (more, env) => startAgentWeb(site, more, env),
    startPbx: (more) => startPbx(site, more),
    signInNinjaone: () => signInNinjaone(site),
    enrollmentKey: (role) => enrollmentKey(site, role),
    adminLink: () => createAdminLink(site),
    wallboardLink: () => createWallboardLink(site),
    async tickets() {
      const answer = await ask(`${site.ninjaUrl}/sandbox/tickets`)
      return z.array(storedTicket).parse(answer.json())
    },
    ca: () => readCa(site),
    stop: () => stopParts(site),
  }
}

async function writeSettings(
  site: SiteState,
  hubPort: number,
  more: SiteNeeds['hubSettings'],
): Promise<void> {
  await writeFile(
    site.settingsFile,
    JSON.stringify(
      {
        hub: { name: 'Démonstration' },
        listen: { host: '127.0.0.1', port: hubPort },
        folders: { data: path.join(site.folder, 'hub'), secrets: site.secrets },
        recording: { consent: { confirmed: true, basis: 'demonstration', ruleVersion: 1 } },
        threecx: { webhookSecret: WEBHOOK_SECRET },
        ninjaone: {
          host: site.ninjaUrl,
          clientId: 'sandbox-client',
          clientSecret: 'sandbox-secret',
          organizationId: 1,
        },
        ...more,
      },
      null,
      2,
    ),
    { mode: 0o600 },
  )
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
