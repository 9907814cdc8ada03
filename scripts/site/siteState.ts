import path from 'node:path'
import { startPart, type Part, type PartLine } from './part.ts'

export const root = path.resolve(import.meta.dirname, '../..')

export type RoleName = 'ninjaone' | 'hub' | 'worker' | 'agent' | 'pbx'

export interface Enrollment {
  readonly key: string
  readonly hub: string
}

export interface AdminSession {
  readonly cookie: string
  readonly csrf: string
}

/** The addresses and files of one company on one machine, its running parts, and the administrator's session. */
export interface SiteState {
  readonly folder: string
  /** Tree whose programs are started. */
  readonly tree: string
  readonly hubUrl: string
  readonly ninjaUrl: string
  readonly ninjaPort: number
  readonly settingsFile: string
  readonly secrets: string
  readonly onLine: ((from: RoleName, line: PartLine) => void) | undefined
  readonly running: Set<Part>
  readonly enrollments: Map<string, Promise<Enrollment>>
  /** The hub prints a new link at each start; '' before the first. */
  adminLink: string
  /** undefined until the administrator signs in after the hub's last start. */
  session: Promise<AdminSession> | undefined
}

export interface Launch {
  readonly name: RoleName
  readonly args: readonly string[]
  readonly input?: string
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** Starts a part as its own process; the site stops it with the others. Returns at once: await its ready line by `waitFor`. */
export function launch(site: SiteState, { name, args, input, env }: Launch): Part {
  const part = startPart({
    name,
    args: args.map((arg) => (/\.m?[tj]s$/.test(arg) ? path.join(site.tree, arg) : arg)),
    logFile: path.join(site.folder, 'logs', `${name}.log`),
    onLine: (line) => site.onLine?.(name, line),
    ...(input === undefined ? {} : { input }),
    ...(env ? { env } : {}),
  })
  site.running.add(part)
  void part.ended.then(() => site.running.delete(part))
  return part
}
