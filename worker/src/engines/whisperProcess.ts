import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import type { Clock } from '@3cx-ninja/protocol'
import type { WorkerTuning } from '../tuning.ts'
import { EngineDown } from './enginePort.ts'

export interface WhisperProcess {
  readonly url: string
  readonly pid: number
  /** Resolves when the process is gone, with how. */
  readonly ended: Promise<string>
  kill(): void
}

export interface WhisperProgram {
  readonly binary: string
  readonly model: string
  readonly threads: number
  /** Further arguments of whisper-server, such as `--no-gpu` or `--device 1`. */
  readonly args: readonly string[]
}

/** Starts one whisper-server on a free port of loopback and waits until its model is loaded. Rejects with EngineDown. */
export async function startWhisperProcess(
  program: WhisperProgram,
  { clock, tuning }: { clock: Clock; tuning: WorkerTuning },
): Promise<WhisperProcess> {
  const port = await freePort()
  const args = [
    '-m',
    program.model,
    '-t',
    String(program.threads),
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
  ]
  const [command, ...before] = diesWithUs(program.binary)
  const child = spawn(command, [...before, ...args, ...program.args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const words = keepLastWords(child)
  let over: string | undefined
  const ended = new Promise<string>((resolve) => {
    const end = (how: string) => resolve((over ??= how))
    child.once('error', (error) => end(error.message))
    child.once('exit', (code, signal) => end(signal ? `ended by ${signal}` : `exit code ${code ?? 0}`))
  })
  const limitMs = clock.monotonicMs() + tuning.engineStartMs
  const url = `http://127.0.0.1:${port}`
  while (!(await isReady(url, clock))) {
    if (over !== undefined)
      throw new EngineDown(`whisper-server (${program.binary}) did not start: ${over}. ${words()}`.trim())
    if (clock.monotonicMs() > limitMs) {
      child.kill('SIGKILL')
      throw new EngineDown(
        `whisper-server did not load ${program.model} in ${Math.round(tuning.engineStartMs / 1_000)} s: choose a smaller model or a faster disk.`,
      )
    }
    await new Promise<void>((resolve) => clock.after(tuning.engineLookMs, resolve))
  }
  return { url, pid: child.pid ?? 0, ended, kill: () => child.kill('SIGKILL') }
}

/** A worker that is killed must not leave its engines behind: on Linux the kernel ends them with it. */
function diesWithUs(binary: string): readonly [string, ...string[]] {
  const linux = process.platform === 'linux' && spawnSync('setpriv', ['--version']).status === 0
  return linux ? ['setpriv', '--pdeathsig', 'KILL', '--', binary] : [binary]
}

async function isReady(url: string, clock: Clock): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/health`, { signal: clock.timeout(1_000) })
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}

/** What the program said last, for an error message; nothing of it is ever text of a call. */
function keepLastWords(child: ChildProcess): () => string {
  let last = ''
  const keep = (chunk: Buffer) => (last = (last + chunk.toString('utf8')).slice(-2_000))
  child.stdout?.on('data', () => undefined) // drained: it prints what it transcribes
  child.stderr?.on('data', keep)
  return () =>
    last
      .split('\n')
      .filter((text) => /error|fail|invalid|unknown|cannot|not found|no such/i.test(text))
      .slice(-2)
      .join(' ')
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}
