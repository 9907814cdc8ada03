import { spawn } from 'node:child_process'
import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import { z } from 'zod'
import { linesOf, type HelperProgram } from '../../capture/sources/helperProcess.ts'

/**
 * What our native helper says when it is started with `--sessions`: one JSON object per line on its standard error, UTF-8, at
 * most 1.5 KiB. It ends with code 0 when its standard input ends. Written by agent/native/loopback/recorders.c: change both
 * or neither.
 */
const line = z.discriminatedUnion('kind', [
  /** The programs that record from a microphone now: at the start, and after each change. */
  z.object({
    kind: z.literal('recording'),
    /** 'polling': Windows does not tell of changes, so the helper looks once a second. */
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

/** A virus scanner may look at the program first. */
const BEGIN_MS = 15 * SECOND_MS
/** It says something every 10 s; Windows' sound service can keep it waiting. */
const STALL_MS = 30 * SECOND_MS
/** It ends within a second of its input's end; then it is killed. */
const STOP_MS = 2 * SECOND_MS

export interface SessionsHelperNeeds {
  readonly program: HelperProgram
  readonly clock: Clock
  readonly onLine: (line: SessionsLine) => void
  /** It is over, for whatever reason; the process is gone. */
  readonly onEnd: (cause: string) => void
}

/** One run of the helper that watches who records. Killed when it says nothing, or anything else than the protocol. */
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
  expectMore(BEGIN_MS)
  child.stdin.on('error', () => undefined) // it may be gone already
  child.stderr.on(
    'data',
    linesOf((text) => {
      if (isOver || cause || !text.startsWith('{')) return // messages of the system's loader
      const said = parse(text)
      if (!said) return kill('it says something that is not its protocol; install the agent again')
      expectMore(STALL_MS)
      if (said.kind === 'error') cause = `${said.text} (${said.code})`
      needs.onLine(said)
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
      const cancel = clock.after(STOP_MS, () => child.kill('SIGKILL'))
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
