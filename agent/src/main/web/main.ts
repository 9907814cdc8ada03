import { access } from 'node:fs/promises'
import path from 'node:path'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { pino, stdTimeFunctions } from 'pino'
import { ulid } from 'ulid'
import self from '../../../package.json' with { type: 'json' }
import { NO_SOUND } from '../headless/arguments.ts'
import { readScript } from '../headless/callScript.ts'
import { causeOf } from '../process/log.ts'
import { runAgentProgram } from '../headless/runAgentProgram.ts'
import { startWeb } from './start.ts'
import { parseWebArguments, WEB_HELP } from './webArguments.ts'

try {
  await main()
} catch (error) {
  process.stderr.write(`${causeOf(error)}\n`)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const options = parseWebArguments(process.argv.slice(2))
  if (options.agent.help) return void process.stdout.write(`${WEB_HELP}\n`)
  await access(path.join(options.page, 'index.html')).catch(() => {
    throw new Error(`${options.page} holds no built page: run 'npm run setup -- agent' first.`)
  })
  const log = pino({ base: { part: 'agent' }, timestamp: stdTimeFunctions.isoTime }, pino.destination(2))
  if (!options.agent.audio && !options.agent.parec) log.warn({ remedy: NO_SOUND }, 'sound.none')
  const steps = options.agent.script ? readScript(options.agent.script) : []
  await runAgentProgram({
    log,
    clock: systemClock,
    steps,
    async start() {
      const web = await startWeb({
        arguments: options,
        environment: process.env,
        clock: systemClock,
        random: Math.random,
        newId: ulid,
        log,
        version: self.version,
      })
      // The window shows the refusal of a hub, and a new enrollment is possible there.
      web.agent.refused.catch(() => undefined)
      const line = options.agent.json ? JSON.stringify({ kind: 'window', link: web.link }) : web.link
      process.stdout.write(`${line}\n`)
      return web
    },
  })
}
