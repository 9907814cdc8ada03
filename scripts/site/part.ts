import { spawn, type ChildProcess } from 'node:child_process'
import { createWriteStream, type WriteStream } from 'node:fs'
import { createInterface } from 'node:readline'

export type PartLine = Record<string, unknown>

export interface PartOptions {
  readonly name: string
  /** Arguments of Node: script first. */
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** All output is kept here, appended over restarts, so that a failure can be read afterwards. */
  readonly logFile: string
  /** Called for every JSON line on stdout; other lines only go to the log file. */
  readonly onLine?: (line: PartLine) => void
  /** Written to stdin at start; stdin stays open when given. */
  readonly input?: string
}

export interface Part {
  readonly name: string
  readonly pid: number
  /** Resolves with the first JSON line, past or future, that matches. Rejects when the part ends first or time is up. */
  waitFor(what: string, matches: (line: PartLine) => boolean, limitMs: number): Promise<PartLine>
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | NodeJS.Signals>
  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>
  /** Asks politely, and kills what does not end in time. */
  stop(): Promise<number | NodeJS.Signals>
  write(text: string): void
}

/** Longer than any part waits for what it still has under way. */
const STOP_MS = 40_000

/** Starts one part of the product as its own process, as a user's service manager would. */
export function startPart(options: PartOptions): Part {
  const log = createWriteStream(options.logFile, { flags: 'a' })
  const child = spawn(process.execPath, [...options.args], {
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const lines: PartLine[] = []
  const listeners = new Set<() => void>()
  const wake = () => {
    for (const listener of [...listeners]) listener()
  }
  readJsonLines(child, log, (line) => {
    lines.push(line)
    options.onLine?.(line)
    wake()
  })
  child.stdin.on('error', () => undefined) // a killed part closes its pipe; its end is reported by `ended`
  if (options.input === undefined) child.stdin.end()
  else child.stdin.write(options.input)

  let outcome: number | NodeJS.Signals | undefined
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.on('error', (error) => log.write(`cannot start: ${error.message}\n`))
    child.on('close', (code, signal) => {
      outcome = signal ?? code ?? 1
      log.end()
      resolve(outcome)
      wake()
    })
  })

  return {
    name: options.name,
    pid: child.pid ?? 0,
    ended,
    waitFor: (what, matches, limitMs) =>
      new Promise((resolve, reject) => {
        let seen = 0
        const settle = (act: () => void) => {
          clearTimeout(timer)
          listeners.delete(look)
          act()
        }
        const look = () => {
          for (; seen < lines.length; seen++) {
            const line = lines[seen]
            if (line && matches(line)) {
              settle(() => {
                resolve(line)
              })
              return
            }
          }
          if (outcome !== undefined) {
            settle(() =>
              reject(
                new Error(
                  `${options.name} ended (${String(outcome)}) before ${what}; see ${options.logFile}`,
                ),
              ),
            )
          }
        }
        const timer = setTimeout(
          () =>
            settle(() =>
              reject(new Error(`${options.name}: no ${what} within ${limitMs} ms; see ${options.logFile}`)),
            ),
          limitMs,
        )
        listeners.add(look)
        look()
      }),
    kill: (signal) => {
      if (outcome === undefined) child.kill(signal)
      return ended
    },
    stop() {
      if (outcome !== undefined) return ended
      child.kill('SIGTERM')
      const limit = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      return ended.finally(() => clearTimeout(limit))
    },
    write: (text) => void child.stdin.write(text),
  }
}

function readJsonLines(child: ChildProcess, log: WriteStream, take: (line: PartLine) => void): void {
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (text) => {
      if (!log.writableEnded) log.write(`${text}\n`)
      const line = parseJsonLine(text)
      if (line) take(line)
    })
  }
  child.stderr?.on('data', (chunk: Buffer) => {
    if (!log.writableEnded) log.write(chunk)
  })
}

function parseJsonLine(text: string): PartLine | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as PartLine) : undefined
  } catch {
    return undefined // a line that only looks like JSON is for people, and is in the log file
  }
}
