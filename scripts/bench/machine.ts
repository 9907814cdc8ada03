import { execFile } from 'node:child_process'
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'
import { promisify } from 'node:util'

/** Load average at the start above which other work distorts the figures. */
export const QUIET_LOAD = 1

/** The machine that the figures come from. */
export interface Machine {
  readonly cores: number
  readonly processor: string
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  /** Load average of the minute before the start: other work on the machine. */
  readonly loadAtStart: number
  readonly commit: string
}

export async function describeMachine(root: string): Promise<Machine> {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    loadAtStart: loadavg()[0] ?? 0,
    commit: await commitOf(root),
  }
}

async function commitOf(root: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', ['describe', '--always', '--dirty'], { cwd: root })
    return stdout.trim()
  } catch {
    return 'unknown' // an unpacked release has no history
  }
}
