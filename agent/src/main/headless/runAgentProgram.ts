import { createInterface } from 'node:readline'
import type { Clock } from '@3cx-ninja/protocol'
import { createCrash, type CrashNeeds } from '../process/crash.ts'
import { causeOf } from '../process/log.ts'
import { parseStep, type ScriptStep } from './callScript.ts'

/** A running agent that takes its call steps from a script and from stdin. */
export interface AgentProgram {
  /** Resolves once the step was carried out. */
  step(step: ScriptStep): Promise<void>
  stop(): Promise<void>
  /** Ends the program without a signal; a rejection ends it with the error. */
  readonly ended?: Promise<unknown>
}

/**
 * Runs an agent as a process until SIGINT, SIGTERM or the program's own end: handles uncaught exceptions, plays the steps of the
 * script, then those that come line by line on stdin, and stops. A second SIGINT ends the process at once, with code 130. Rejects when
 * the start fails or the program ends with an error. Knows nothing of windows and narration: those live in web/ and narrate.ts.
 */
export async function runAgentProgram(needs: {
  readonly log: CrashNeeds['log']
  readonly clock: Clock
  readonly steps: readonly ScriptStep[]
  readonly start: () => Promise<AgentProgram>
}): Promise<void> {
  const running: { program?: AgentProgram } = {}
  const crash = createCrash({
    log: needs.log,
    clock: needs.clock,
    close: async () => running.program?.stop(),
    end: (code) => process.exit(code),
  })
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
  const program = await needs.start()
  running.program = program
  const signal = new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  for (const step of needs.steps) void program.step(step)
  // stdin may be closed (a service) or stay open; the agent runs until it is stopped in both cases.
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => playLine(program, line))
  try {
    await Promise.race([signal, ...(program.ended ? [program.ended] : [])])
  } finally {
    lines.close()
    process.stdin.destroy()
    process.once('SIGINT', () => process.exit(130)) // the second signal ends the process at once
    await program.stop()
  }
}

function playLine(program: AgentProgram, line: string): void {
  try {
    const step = parseStep(line)
    if (step) void program.step(step)
  } catch (error) {
    process.stderr.write(`${causeOf(error)}\n`)
  }
}
