import { spawn } from 'node:child_process'
import { SAMPLE_RATE_HZ, SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import { createHelperClock } from './helperClock.ts'
import {
  createHelperReader,
  helperArguments,
  helperLine,
  type HelperLine,
  type HelperTarget,
} from './helperProtocol.ts'

export interface HelperProgram {
  readonly command: string
  /** Before the target's arguments; none for the real helper. */
  readonly args?: readonly string[]
}

export interface HelperListener {
  sound(samples: Int16Array, endMs: number): void
  line(line: HelperLine): void
  /**
   * It is over, for whatever reason; the process is gone. `code` is undefined when it was killed. `began` is false when the
   * system did not start it at all: missing, or forbidden.
   */
  ended(end: { readonly code: number | undefined; readonly cause: string; readonly began: boolean }): void
}

export interface HelperNeeds {
  readonly program: HelperProgram
  readonly target: HelperTarget
  readonly clock: Clock
  /** Lines of the helper that are for the log only. */
  readonly onNote: (line: string) => void
}

/** The helper sends a frame at least every 300 ms: after this it hangs. */
const STALL_MS = 2 * SECOND_MS
/** A virus scanner may look at it first. */
const BEGIN_MS = 10 * SECOND_MS
/** It ends within a second of its stdin's end; then it is killed. */
const STOP_MS = 2 * SECOND_MS
const MAX_LINE = 4_096
const PER_MS = SAMPLE_RATE_HZ / SECOND_MS

/** One run of the capture helper. Kills it when it writes garbage or nothing. */
export function startHelper(needs: HelperNeeds, listener: HelperListener): { stop(): Promise<void> } {
  const { clock } = needs
  const child = spawn(
    needs.program.command,
    [...(needs.program.args ?? []), ...helperArguments(needs.target)],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    },
  )
  const read = createHelperReader()
  const timeOf = createHelperClock()
  let isStopped = false
  let cause: string | undefined
  let cancelStall: () => void = () => undefined

  const kill = (why: string) => {
    cause ??= why
    child.kill('SIGKILL')
  }
  const expectMore = (withinMs: number) => {
    cancelStall()
    cancelStall = clock.after(withinMs, () => kill('it sends nothing any more'))
  }
  expectMore(BEGIN_MS)
  child.stdin.on('error', () => undefined) // it may be gone already
  child.stdout.on('data', (bytes: Buffer) => {
    if (isStopped || cause) return
    expectMore(STALL_MS)
    const arrivedMs = clock.monotonicMs()
    try {
      for (const { samples, qpc } of read(bytes)) {
        const captured = qpc > 0 ? qpc / 10_000 + samples.length / PER_MS : undefined
        listener.sound(samples, timeOf(captured, arrivedMs))
      }
    } catch (error) {
      kill(error instanceof Error ? error.message : String(error))
    }
  })
  child.stderr.on(
    'data',
    linesOf((text) => {
      if (isStopped) return
      const line = parseLine(text)
      if (!line) return needs.onNote(text)
      if (line.kind === 'trouble') cause = line.text
      listener.line(line)
    }),
  )
  const closed = new Promise<void>((resolve) => {
    let isTold = false
    const end = (code: number | undefined, why: string) => {
      cancelStall()
      resolve()
      if (isStopped || isTold) return
      isTold = true
      listener.ended({ code, cause: cause ?? why, began: child.pid !== undefined })
    }
    child.on('error', (error) => end(undefined, `it cannot be started: ${error.message}`))
    child.on('close', (code, signal) => end(code ?? undefined, `it ended with ${signal ?? String(code)}`))
  })
  return {
    async stop() {
      isStopped = true
      cancelStall()
      child.stdin.end()
      const cancel = clock.after(STOP_MS, () => child.kill('SIGKILL'))
      await closed
      cancel()
    },
  }
}

function parseLine(text: string): HelperLine | undefined {
  try {
    const parsed = helperLine.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined // not JSON: a message of the system's loader, for the log
  }
}

/** Whole lines, each cut at 4 KiB: a helper gone mad must not fill our memory. */
export function linesOf(onLine: (line: string) => void): (bytes: Buffer) => void {
  let rest = ''
  return (bytes) => {
    const lines = (rest + bytes.toString('utf8')).split('\n')
    rest = (lines.pop() ?? '').slice(0, MAX_LINE)
    for (const line of lines) if (line.trim()) onLine(line.trim().slice(0, MAX_LINE))
  }
}
