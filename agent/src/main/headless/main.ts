import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { pino, stdTimeFunctions } from 'pino'
import { ulid } from 'ulid'
import self from '../../../package.json' with { type: 'json' }
import type { AgentEvent } from '../app/agentEvents.ts'
import { causeOf } from '../process/log.ts'
import { HELP, NO_SOUND, parseArguments } from './arguments.ts'
import { readScript } from './callScript.ts'
import { narrate } from './narrate.ts'
import { runAgentProgram } from './runAgentProgram.ts'
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
  await runAgentProgram({
    log,
    clock: systemClock,
    steps,
    async start() {
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
      const { refused } = headless.agent
      const ended = options.exit === 'after-call' ? Promise.race([headless.finished, refused]) : refused
      return { step: headless.step, stop: headless.stop, ended }
    },
  })
}
