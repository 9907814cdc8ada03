import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { readManaged, type ManagedValues } from './layers.ts'
import { parseRegistry } from './registryText.ts'

const run = promisify(execFile)
/** Both programs answer in milliseconds; the agent starts without the values of one that hangs. */
const LIMIT_MS = 10_000

/** Where administrators put values, the highest first. Only they can write there. */
const LOCATIONS = {
  win32: {
    policy: 'HKLM\\Software\\Policies\\3CX-Ninja Realtime\\Agent',
    installer: 'HKLM\\Software\\3CX-Ninja Realtime\\Agent',
  },
  darwin: {
    policy: '/Library/Managed Preferences/fr.3cx-ninja.agent.plist',
    installer: '/Library/Application Support/3CX-Ninja Realtime/agent.json',
  },
  linux: { policy: '/etc/3cx-ninja/agent-policy.json', installer: '/etc/3cx-ninja/agent.json' },
} as const

export interface PolicyNeeds {
  readonly platform: NodeJS.Platform
  /**
   * Windows: the folder of its own programs, which are called by their full path. By the name alone Windows first searches the
   * folder in which the agent was started, and a link of the 3CX client may start it in a folder of downloads.
   */
  readonly systemRoot?: string | undefined
  /** Replaces the platform's locations in tests. */
  readonly locations?: { readonly policy: string; readonly installer: string }
  readonly onIgnored: (ignored: { readonly location: string; readonly detail: string }) => void
}

export interface Policies {
  readonly policy: ManagedValues
  readonly installer: ManagedValues
}

/** Resolves with the values of the machine's administrators. A missing location gives none; an unreadable one is reported. Never rejects. */
export async function readPolicies(needs: PolicyNeeds): Promise<Policies> {
  const { platform } = needs
  const known = platform === 'win32' || platform === 'darwin' ? platform : 'linux'
  const locations = needs.locations ?? LOCATIONS[known]
  const read = async (location: string): Promise<ManagedValues> => {
    const given = await valuesAt(known, location, needs.systemRoot ?? 'C:\\Windows').catch(
      (error: unknown) => {
        needs.onIgnored({ location, detail: error instanceof Error ? error.message : String(error) })
        return {}
      },
    )
    const values = readManaged(given)
    for (const detail of values.ignored) needs.onIgnored({ location, detail })
    return values
  }
  const [policy, installer] = await Promise.all([read(locations.policy), read(locations.installer)])
  return { policy, installer }
}

async function valuesAt(
  platform: keyof typeof LOCATIONS,
  location: string,
  systemRoot: string,
): Promise<Readonly<Record<string, unknown>>> {
  if (platform === 'win32') {
    // Exit code 1: there is no such key, which is the common case. The 64-bit view is where GPOs write.
    const asked = await run(`${systemRoot}\\System32\\reg.exe`, ['query', location, '/reg:64'], {
      windowsHide: true,
      timeout: LIMIT_MS,
    }).catch(() => undefined)
    return asked ? parseRegistry(asked.stdout) : {}
  }
  const text = location.endsWith('.plist') ? await plistAsJson(location) : await fileText(location)
  if (text === undefined) return {}
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('it is no JSON object of settings')
  return { ...value }
}

async function fileText(location: string): Promise<string | undefined> {
  try {
    return await readFile(location, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function plistAsJson(location: string): Promise<string | undefined> {
  if ((await readFile(location).catch(() => undefined)) === undefined) return undefined
  return (await run('/usr/bin/plutil', ['-convert', 'json', '-o', '-', location], { timeout: LIMIT_MS }))
    .stdout
}
