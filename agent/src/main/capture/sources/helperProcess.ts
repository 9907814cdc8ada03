import { spawn } from 'node:child_process'
import { SAMPLE_RATE_HZ, SECOND_MS, toError, type Clock } from '@3cx-ninja/protocol'
import { createHelperClock } from './helperClock.ts'
import {
  createHelperReader,
  helperArguments,
  helperLine,
  type HelperLine,
  type HelperTarget,
} from './helperProtocol.ts'
import { helperTuning } from './tuning.ts'

/** The command that starts the native capture helper, or a test's stand-in for it. */
export interface HelperProgram {
  readonly command: string
  /** Arguments that stand before the target's; the real helper has none. */
  readonly args?: readonly string[]
}

/** The end of one helper process: its exit code, the cause, and whether it ran at all. */
export interface HelperEnd {
  /** Exit code; undefined when the process was killed. */
  readonly code: number | undefined
  readonly cause: string
  /** False when the system did not start the helper at all: missing, or forbidden. */
  readonly began: boolean
}

/** The callbacks of one helper process; `ended` is the last one. */
export interface HelperListener {
  /** Audio of the target; `endMs`: monotonic time of the last sample's capture, on this process' clock. */
  sound(samples: Int16Array, endMs: number): void
  /** A line about the helper's state. */
  line(line: HelperLine): void
  /** The process is gone, for any reason but `stop`. Called once; nothing follows. */
  ended(end: HelperEnd): void
}

/** The program, the target and the callbacks of one helper process. */
export interface HelperNeeds {
  readonly program: HelperProgram
  readonly target: HelperTarget
  readonly clock: Clock
  /** Receives lines of the helper that are for the log only. */
  readonly onNote: (line: string) => void
}

const MAX_LINE = 4_096
const PER_MS = SAMPLE_RATE_HZ / SECOND_MS

/**
 * Starts one run of the capture helper and returns its stop. Kills the helper when it writes garbage, or nothing for 2 s;
 * `stop` resolves once the process is gone. Never throws: a helper that cannot be started calls `ended`.
 */
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
  expectMore(helperTuning.beginMs)
  child.stdin.on('error', () => undefined) // the helper may be gone already
  child.stdout.on('data', (bytes: Buffer) => {
    if (isStopped || cause) return
    expectMore(helperTuning.stallMs)
    const arrivedMs = clock.monotonicMs()
    try {
      for (const { samples, qpc } of read(bytes)) {
        const captured = qpc > 0 ? qpc / 10_000 + samples.length / PER_MS : undefined
        listener.sound(samples, timeOf(captured, arrivedMs))
      }
    } catch (error) {
      kill(toError(error).message)
    }
  })
  child.stderr.on(
    'data',
    linesOf((text) => {
      if (isStopped) return
      const line = parseLine(text)
      if (!line) return needs.onNote(text)
      if (line.kind === 'error') cause = line.text
      listener.line(line)
    }),
  )
  const closed = new Promise<void>((resolve) => {
    let isReported = false
    const end = (code: number | undefined, why: string) => {
      cancelStall()
      resolve()
      if (isStopped || isReported) return
      isReported = true
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
      const cancel = clock.after(helperTuning.stopMs, () => child.kill('SIGKILL'))
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

/** Returns a reader that calls `onLine` with whole lines, each cut at 4 KiB: a broken helper must not fill our memory. */
export function linesOf(onLine: (line: string) => void): (bytes: Buffer) => void {
  let rest = ''
  return (bytes) => {
    const lines = (rest + bytes.toString('utf8')).split('\n')
    rest = (lines.pop() ?? '').slice(0, MAX_LINE)
    for (const line of lines) if (line.trim()) onLine(line.trim().slice(0, MAX_LINE))
  }
}
