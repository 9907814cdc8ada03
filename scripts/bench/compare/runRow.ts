import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Median } from '../row.ts'
import { readMedians, type ComparedRow } from './readMedians.ts'

export interface RunRowNeeds {
  /** A tree that has been set up. */
  readonly tree: string
  readonly row: ComparedRow
  readonly agents: number
  /** File of the tree's bench report. */
  readonly out: string
  /** Limit after which the run is killed: up to c088722, a bench whose part could not start waited forever. */
  readonly limitMs: number
}

const TAIL = 4_000

/** Measures one row by the tree's own bench and returns its medians. Rejects with its last output when that fails. */
export async function runRow({ tree, row, agents, out, limitMs }: RunRowNeeds): Promise<readonly Median[]> {
  const hasAgents = (await runNode(tree, ['scripts/bench/bench.ts', '--help'], limitMs)).includes('--agents')
  const only = ['--only', row, '--out', out, ...(hasAgents ? ['--agents', String(agents)] : [])]
  await runNode(tree, ['scripts/bench/bench.ts', ...only], limitMs)
  return readMedians(await readFile(out, 'utf8'), row)
}

/** Installs and builds everything that the tree's bench needs. Rejects when that fails. */
export async function setUp(tree: string, limitMs: number): Promise<void> {
  await runNode(tree, ['scripts/setup/setup.mjs', 'bench'], limitMs)
}

/** Runs a script of the tree; resolves with its output. Rejects when it fails, or is over its limit (its group is killed). */
function runNode(tree: string, args: readonly string[], limitMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], {
      cwd: tree,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    const keep = (chunk: Buffer) => (output = (output + chunk.toString('utf8')).slice(-TAIL))
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const endGroup = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // the whole group has already ended
      }
    }
    const fail = (how: string) =>
      reject(new Error(`${path.basename(tree)}: node ${args.join(' ')} ${how}. Its last output:\n${output}`))
    const limit = setTimeout(() => {
      fail(`did not end within ${limitMs / 60_000} min`)
      endGroup()
    }, limitMs)
    process.once('exit', endGroup)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(limit)
      process.off('exit', endGroup)
      if (code === 0) resolve(output)
      else fail(`ended (${signal ?? `exit code ${code ?? 1}`})`)
    })
  })
}
