import { spawn } from 'node:child_process'
import path from 'node:path'
import { root } from './realRecognition.ts'

export interface WorkerProcess extends AsyncDisposable {
  readonly pid: number
  /** Resolves when the process is gone. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  /** Returns what the process wrote to its error output so far. */
  errors(): string
  /** Resolves with the fields of the first log line of this event, written before or later. */
  logged(event: string): Promise<Readonly<Record<string, unknown>>>
  kill(signal: NodeJS.Signals): void
}

/** The worker as an administrator starts it: a process of its own. */
export function startWorkerProcess(args: readonly string[]): WorkerProcess {
  const child = spawn(process.execPath, [path.join(root, 'worker/src/main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR },
  })
  const lines: Record<string, unknown>[] = []
  const waiting = new Set<() => void>()
  let rest = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString('utf8')).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) lines.push(JSON.parse(line) as Record<string, unknown>)
    for (const check of [...waiting]) check()
  })
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')))
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  )
  return {
    pid: child.pid ?? 0,
    ended,
    errors: () => errors,
    logged: (event) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const line = lines.find(({ msg }) => msg === event)
          if (!line) return
          waiting.delete(check)
          resolve(line)
        }
        waiting.add(check)
        check()
        void ended.then(() => reject(new Error(`the worker ended without '${event}': ${errors}`)))
      }),
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
