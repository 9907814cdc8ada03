import { createInterface } from 'node:readline'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { pino, stdTimeFunctions } from 'pino'
import { ulid } from 'ulid'
import self from '../../../package.json' with { type: 'json' }
import type { AgentEvent } from '../app/agentEvents.ts'
import { createCrash } from '../process/crash.ts'
import { causeOf } from '../process/log.ts'
import { HELP, NO_SOUND, parseArguments } from './arguments.ts'
import { parseStep, readScript } from './callScript.ts'
import { narrate } from './narrate.ts'
import { startHeadless } from './start.ts'

try {
  await main()
} catch (error) {
  process.stderr.write(`${causeOf(error)}\n`)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const options = parseArguments(process.argv.slice(2))
  if (options.help) return void process.stdout.write(`${HELP}\n`)
  const log = pino({ base: { part: 'agent' }, timestamp: stdTimeFunctions.isoTime }, pino.destination(2))
  if (!options.audio && !options.parec) log.warn({ remedy: NO_SOUND }, 'sound.none')
  const steps = options.script ? readScript(options.script) : []

  const print = (event: AgentEvent, locale: 'fr' | 'en') => {
    const line = options.json ? JSON.stringify({ ...event, atMs: Date.now() }) : narrate(event, locale)
    if (line !== undefined) process.stdout.write(`${line}\n`)
  }
  const started: { agent?: { stop(): Promise<void> } } = {}
  const crash = createCrash({
    log,
    clock: systemClock,
    close: async () => started.agent?.stop(),
    end: (code) => process.exit(code),
  })
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
  const headless = await startHeadless({
    arguments: options,
    environment: process.env,
    clock: systemClock,
    random: Math.random,
    newId: ulid,
    log,
    version: self.version,
    onEvent: print,
  })
  started.agent = headless

  const ended = new Promise<string>((resolve) => {
    process.once('SIGINT', () => resolve('SIGINT'))
    process.once('SIGTERM', () => resolve('SIGTERM'))
    if (options.exit === 'after-call') void headless.finished.then(() => resolve('finished'))
  })
  for (const step of steps) void headless.step(step)
  // stdin may be closed (a service) or stay open; either way the agent goes on until it is told to end.
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    try {
      const step = parseStep(line)
      if (step) void headless.step(step)
    } catch (error) {
      process.stderr.write(`${causeOf(error)}\n`)
    }
  })
  try {
    await Promise.race([ended, headless.agent.refused])
  } finally {
    lines.close()
    process.stdin.destroy()
    process.once('SIGINT', () => process.exit(130)) // the second signal: now
    await headless.stop()
  }
}
