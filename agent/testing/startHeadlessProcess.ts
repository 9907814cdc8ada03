import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { EVENT_LIMIT_MS } from '../../protocol/testing/eventLimit.ts'

export type Line = Record<string, unknown> & { readonly kind: string }

/** Starts the real headless agent as a separate process with JSON events. */
export function startHeadlessProcess(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
) {
  const main = path.resolve(import.meta.dirname, '../src/main/headless/main.ts')
  const child = spawn(process.execPath, [main, '--json', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...environment },
  })
  const lines: Line[] = []
  const listeners = new Set<() => void>()
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')))
  child.stdin.on('error', () => undefined) // a killed agent closes its pipe
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(JSON.parse(text) as Line)
    listeners.forEach((listener) => listener())
  })
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.on('close', (code, signal) => {
      resolve(signal ?? code ?? 1)
      listeners.forEach((listener) => listener())
    }),
  )
  return {
    lines,
    pid: child.pid ?? 0,
    ended,
    errors: () => errors,
    write: (step: object) => void child.stdin.write(`${JSON.stringify(step)}\n`),
    kill(signal: NodeJS.Signals) {
      child.kill(signal)
      return ended
    },
    waitFor: (what: string, matches: (line: Line) => boolean) =>
      new Promise<Line>((resolve, reject) => {
        const limit = setTimeout(
          () => settle(() => reject(new Error(`no ${what}: ${errors}`))),
          EVENT_LIMIT_MS,
        )
        const settle = (act: () => void) => {
          clearTimeout(limit)
          listeners.delete(poll)
          act()
        }
        const poll = () => {
          const found = lines.find(matches)
          if (found) return settle(() => resolve(found))
          if (child.exitCode !== null || child.signalCode !== null)
            settle(() => reject(new Error(`the agent ended before ${what}: ${errors}`)))
        }
        listeners.add(poll)
        poll()
      }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await ended
    },
  }
}
