import { spawn, type ChildProcess } from 'node:child_process'
import { createWriteStream } from 'node:fs'
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

type Outcome = number | NodeJS.Signals

export interface Part {
  readonly name: string
  readonly pid: number
  /**
   * Resolves with the first JSON line, past or future, that matches. Rejects with a PartError when the part ends before
   * that line, or when `limitMs` have passed.
   */
  waitFor(what: string, matches: (line: PartLine) => boolean, limitMs: number): Promise<PartLine>
  /** Resolves with the exit code or the signal's name once the process has ended; never rejects. */
  readonly ended: Promise<Outcome>
  /** Sends the signal and resolves once the process has ended; a process that outlives STOP_MS is killed. */
  kill(signal: NodeJS.Signals): Promise<Outcome>
  /** Ends the part politely: the same as `kill('SIGTERM')`. */
  stop(): Promise<Outcome>
  write(text: string): void
  /** Ends the part's stdin, which ends parts that live as long as it. */
  closeInput(): void
}

/** A part that ended, or did not become ready. The message names the part, its last output and its log file. */
export class PartError extends Error {
  readonly part: string

  constructor(part: string, failure: string, lastOutput: string, logFile: string) {
    const output =
      lastOutput === '' ? 'It printed nothing.' : `Its last output:\n${lastOutput.replaceAll(/^/gm, '  | ')}`
    super(`${part} ${failure}. ${output}\nAll its output: ${logFile}`)
    this.name = 'PartError'
    this.part = part
  }
}

/** Longer than any part waits for what it still has under way. */
const STOP_MS = 40_000
/** A process that has ended may leave its pipes to a child of its own; what was written arrives well within this time. */
const PIPES_MS = 2_000
/** A startup error with its stack. */
const LAST_OUTPUT_LINES = 20

/**
 * Starts one part of the product as its own process, as a user's service manager would. States: running (left when the
 * process ends or cannot be started), ended. Knows nothing of what the part is: `site.ts` names the parts.
 */
export function startPart(options: PartOptions): Part {
  const log = createWriteStream(options.logFile, { flags: 'a' })
  const child = spawn(process.execPath, [...options.args], {
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const lines: PartLine[] = []
  const lastOutput: string[] = []
  const listeners = new Set<() => void>()
  const wake = () => {
    for (const listener of [...listeners]) listener()
  }
  const keep = (text: string) => {
    if (!log.writableEnded) log.write(`${text}\n`)
    lastOutput.push(text)
    if (lastOutput.length > LAST_OUTPUT_LINES) lastOutput.shift()
  }
  readOutput(child, keep, (line) => {
    lines.push(line)
    options.onLine?.(line)
    wake()
  })
  child.stdin.on('error', () => undefined) // a killed part closes its pipe; its end is reported by `ended`
  if (options.input === undefined) child.stdin.end()
  else child.stdin.write(options.input)

  let outcome: Outcome | undefined
  const ended = outcomeOf(child, keep).then((how) => {
    outcome = how
    log.end()
    wake()
    return how
  })
  const kill = (signal: NodeJS.Signals) => {
    if (outcome !== undefined) return ended
    child.kill(signal)
    const limit = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    return ended.finally(() => clearTimeout(limit))
  }
  const fail = (failure: string) =>
    new PartError(options.name, failure, lastOutput.join('\n'), options.logFile)

  return {
    name: options.name,
    pid: child.pid ?? 0,
    ended,
    waitFor: (what, matches, limitMs) =>
      new Promise((resolve, reject) => {
        let seen = 0
        const settle = (act: () => void) => {
          clearTimeout(timer)
          listeners.delete(check)
          act()
        }
        const check = () => {
          for (; seen < lines.length; seen++) {
            const line = lines[seen]
            if (line && matches(line)) return settle(() => resolve(line))
          }
          if (outcome === undefined) return
          const failure = `ended (${describeOutcome(outcome)}) before ${what}`
          settle(() => reject(fail(failure)))
        }
        const timer = setTimeout(
          () => settle(() => reject(fail(`is running, but there was no ${what} within ${limitMs} ms`))),
          limitMs,
        )
        listeners.add(check)
        check()
      }),
    kill,
    stop: () => kill('SIGTERM'),
    write: (text) => void child.stdin.write(text),
    closeInput: () => void child.stdin.end(),
  }
}

const describeOutcome = (outcome: Outcome): string =>
  typeof outcome === 'number' ? `exit code ${outcome}` : outcome

/** Resolves once the process has ended and its output was read; also when it cannot be started. Never rejects. */
function outcomeOf(child: ChildProcess, keep: (text: string) => void): Promise<Outcome> {
  return new Promise((resolve) => {
    child.on('error', (error) => {
      keep(error.message)
      if (child.pid === undefined) resolve(1)
    })
    child.on('exit', () => {
      const pipes = setTimeout(() => {
        child.stdout?.destroy()
        child.stderr?.destroy()
      }, PIPES_MS)
      child.on('close', () => clearTimeout(pipes))
    })
    child.on('close', (code, signal) => resolve(signal ?? code ?? 1))
  })
}

function readOutput(
  child: ChildProcess,
  keep: (text: string) => void,
  onJson: (line: PartLine) => void,
): void {
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (text) => {
      keep(text)
      const line = parseJsonLine(text)
      if (line) onJson(line)
    })
  if (child.stderr) createInterface({ input: child.stderr }).on('line', keep)
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
