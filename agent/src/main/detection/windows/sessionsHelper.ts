import { spawn } from 'node:child_process'
import type { Clock } from '@3cx-ninja/protocol'
import { z } from 'zod'
import { linesOf, type HelperProgram } from '../../capture/sources/helperProcess.ts'
import { windowsTuning } from './tuning.ts'

/**
 * The lines of our native helper when it is started with `--sessions`: one JSON object per line on its standard error, UTF-8, at
 * most 1.5 KiB. It ends with code 0 when its standard input ends. Written by agent/native/loopback/recorders.c: change both
 * or neither.
 */
const line = z.discriminatedUnion('kind', [
  /** The programs that record from a microphone now: at the start, and after each change. */
  z.object({
    kind: z.literal('recording'),
    /** 'polling': Windows reports no changes, so the helper polls once a second. */
    by: z.enum(['notice', 'polling']),
    microphones: z.int().min(0).max(1_000),
    programs: z
      .array(z.object({ image: z.string().max(260), family: z.string().max(80).optional() }))
      .max(64),
  }),
  /** Nothing has changed for 10 s. */
  z.object({ kind: z.literal('alive') }),
  z.object({ kind: z.literal('error'), code: z.string().max(80), text: z.string().max(400) }),
])
export type SessionsLine = z.infer<typeof line>

/** The helper's program, the clock and the callbacks of one sessions process. */
export interface SessionsHelperNeeds {
  readonly program: HelperProgram
  readonly clock: Clock
  readonly onLine: (line: SessionsLine) => void
  /** Called once when the process is gone, for any reason but `stop`. */
  readonly onEnd: (cause: string) => void
}

/**
 * Starts one run of the helper that watches which programs record, and returns its stop. Kills the helper when it writes
 * nothing for 30 s, or anything but the protocol; `stop` resolves once the process is gone.
 */
export function startSessionsHelper(needs: SessionsHelperNeeds): { stop(): Promise<void> } {
  const { clock, program } = needs
  const child = spawn(program.command, [...(program.args ?? []), '--sessions'], {
    stdio: ['pipe', 'ignore', 'pipe'],
    windowsHide: true,
  })
  let isOver = false
  let cause: string | undefined
  let cancelStall: () => void = () => undefined
  const kill = (why: string) => {
    cause ??= why
    child.kill('SIGKILL')
  }
  const expectMore = (ms: number) => {
    cancelStall()
    cancelStall = clock.after(ms, () => kill('it says nothing any more'))
  }
  expectMore(windowsTuning.helperBeginMs)
  child.stdin.on('error', () => undefined) // the helper may be gone already
  child.stderr.on(
    'data',
    linesOf((text) => {
      if (isOver || cause || !text.startsWith('{')) return // messages of the system's loader
      const parsed = parse(text)
      if (!parsed) return kill('it says something that is not its protocol; install the agent again')
      expectMore(windowsTuning.helperStallMs)
      if (parsed.kind === 'error') cause = `${parsed.text} (${parsed.code})`
      needs.onLine(parsed)
    }),
  )
  const closed = new Promise<void>((resolve) => {
    const end = (why: string) => {
      cancelStall()
      resolve()
      if (isOver) return
      isOver = true
      needs.onEnd(cause ?? why)
    }
    child.on('error', (error) =>
      end(`it cannot be started: ${error.message}; install the agent again, or allow it to run`),
    )
    child.on('close', (code, signal) => end(`it ended with ${signal ?? String(code)}`))
  })
  return {
    async stop() {
      isOver = true
      cancelStall()
      child.stdin.end()
      const cancel = clock.after(windowsTuning.helperStopMs, () => child.kill('SIGKILL'))
      await closed
      cancel()
    },
  }
}

function parse(text: string): SessionsLine | undefined {
  try {
    const parsed = line.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
