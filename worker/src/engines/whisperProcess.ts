import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Clock } from '@3cx-ninja/protocol'
import type { WorkerTuning } from '../tuning.ts'
import { EngineDown } from './enginePort.ts'

/** A whisper-server that is running: its address with the secret path, and how to end it. */
export interface WhisperProcess {
  readonly url: string
  readonly pid: number
  /** Resolves once the process is gone, with its exit code or signal as text. */
  readonly ended: Promise<string>
  /** Sends SIGKILL; `ended` resolves afterwards. */
  kill(): void
}

/** The command line of whisper-server: program, model file, threads and further arguments. */
export interface WhisperProgram {
  readonly binary: string
  readonly model: string
  readonly threads: number
  /** Further arguments of whisper-server, such as `--no-gpu` or `--device 1`. */
  readonly args: readonly string[]
}

/** What a start needs besides the program: a clock, its durations, and a way to find a free port. */
export interface WhisperEnvironment {
  readonly clock: Clock
  readonly tuning: Pick<WorkerTuning, 'engineStartMs' | 'enginePollMs' | 'portTries'>
  /** Resolves with a port of loopback that is free at this moment. */
  readonly freePort?: () => Promise<number>
}

type Started = { readonly at: 'ready'; readonly process: WhisperProcess } | { readonly at: 'port-taken' }

/**
 * Starts one whisper-server on a free port of loopback; resolves once its model is loaded. Rejects with EngineDown, naming the
 * remedy, when the program is missing, ends, or does not load the model in time.
 */
export async function startWhisperProcess(
  program: WhisperProgram,
  environment: WhisperEnvironment,
): Promise<WhisperProcess> {
  await access(program.binary, constants.X_OK).catch((cause: unknown) => {
    throw new EngineDown(
      `The program ${program.binary} is missing: build it with 'npm run setup:whisper', or name another with --binary.`,
      { cause },
    )
  })
  const { freePort = anyFreePort, tuning } = environment
  for (let tries = tuning.portTries; tries > 0; tries--) {
    // Another program may bind the port between this check and whisper-server's bind: then the next port is tried.
    const started = await tryPort(program, await freePort(), environment)
    if (started.at === 'ready') return started.process
  }
  throw new EngineDown(
    `whisper-server found no free port on 127.0.0.1 in ${tuning.portTries} tries: end programs that hold many ports.`,
  )
}

async function tryPort(
  { binary, model, threads, args }: WhisperProgram,
  port: number,
  { clock, tuning }: WhisperEnvironment,
): Promise<Started> {
  // The path is secret: only our process answers on it, and no other program on this machine can use it.
  const secretPath = `/${randomUUID()}`
  const [command, ...wrapperArgs] = endingWithWorker(binary)
  const given = ['-m', model, '-t', `${threads}`, '--host', '127.0.0.1', '--port', `${port}`]
  const child = spawn(command, [...wrapperArgs, ...given, '--request-path', secretPath, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: engineEnvironment(),
  })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const words = keepLastWords(child)
  let over: string | undefined
  const ended = new Promise<string>((resolve) => {
    const end = (how: string) => {
      process.off('exit', kill)
      resolve((over ??= how))
    }
    child.once('error', (error) => end(error.message))
    child.once('close', (code, signal) => end(signal ? `ended by ${signal}` : `exit code ${code ?? 0}`))
  })
  const limitMs = clock.monotonicMs() + tuning.engineStartMs
  const url = `http://127.0.0.1:${port}${secretPath}`
  while (!(await isReady(url, clock))) {
    if (over !== undefined) {
      if (words().includes("couldn't bind")) return { at: 'port-taken' }
      throw new EngineDown(
        `whisper-server did not start: ${over}. ${words()} ${remedyFor(over, words(), model)}`,
      )
    }
    if (clock.monotonicMs() > limitMs) {
      kill()
      throw new EngineDown(
        `whisper-server did not load ${model} in ${Math.round(tuning.engineStartMs / 1_000)} s: choose a smaller model or a faster disk.`,
      )
    }
    await new Promise<void>((resolve) => clock.after(tuning.enginePollMs, resolve))
  }
  return { at: 'ready', process: { url, pid: child.pid ?? 0, ended, kill } }
}

function remedyFor(how: string, words: string, model: string): string {
  if (/whisper context|load model|bad magic/i.test(words))
    return `Is ${model} a whole ggml model? Get it again with 'npm run model'.`
  // whisper-server prints its options and ends with 0 when it does not know an argument.
  if (how === 'exit code 0') return 'It does not know one of its arguments: correct --engine-args.'
  return 'Is there memory enough for the model? Build the program again with: npm run setup:whisper -- --force'
}

/**
 * OpenMP's threads spin while they wait for each other. On a machine that has other work too this cost two thirds of the
 * throughput (measured on 4 shared cores, 2 decoders of 2 threads: 28.1 s against 11.8 s for the same sound).
 */
function engineEnvironment(): NodeJS.ProcessEnv {
  // The child gets the worker's environment, whose settings win; nothing of it is read here.
  return { OMP_WAIT_POLICY: 'passive', ...process.env }
}

/** A worker that is killed must not leave its engines behind: on Linux the kernel ends them with it. */
function endingWithWorker(binary: string): readonly [string, ...string[]] {
  const linux = process.platform === 'linux' && spawnSync('setpriv', ['--version']).status === 0
  return linux ? ['setpriv', '--pdeathsig', 'KILL', '--', binary] : [binary]
}

async function isReady(url: string, clock: Clock): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/health`, { signal: clock.timeout(1_000) })
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false // It is not ready yet, or it ended: the caller knows which.
  }
}

/** Keeps the last lines of the error output, for an error message; they never hold text of a call. */
function keepLastWords(child: ChildProcess): () => string {
  let last = ''
  const keep = (chunk: Buffer) => (last = (last + chunk.toString('utf8')).slice(-2_000))
  child.stdout?.on('data', () => undefined) // Drained and dropped: whisper-server prints its transcriptions.
  child.stderr?.on('data', keep)
  return () =>
    last
      .split('\n')
      .filter((text) => /error|fail|invalid|unknown|cannot|couldn't|not found|no such/i.test(text))
      .slice(-2)
      .join(' ')
}

function anyFreePort(): Promise<number> {
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
