import { access } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { pino, stdTimeFunctions } from 'pino'
import { ulid } from 'ulid'
import self from '../../../package.json' with { type: 'json' }
import { NO_SOUND } from '../headless/arguments.ts'
import { parseStep, readScript } from '../headless/callScript.ts'
import { createCrash } from '../process/crash.ts'
import { causeOf } from '../process/log.ts'
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
  const started: { agent?: { stop(): Promise<void> } } = {}
  const crash = createCrash({
    log,
    clock: systemClock,
    close: async () => started.agent?.stop(),
    end: (code) => process.exit(code),
  })
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
  const web = await startWeb({
    arguments: options,
    environment: process.env,
    clock: systemClock,
    random: Math.random,
    newId: ulid,
    log,
    version: self.version,
  })
  started.agent = web
  // A hub that refuses for good is told in the window, where it can be set up anew.
  web.agent.refused.catch(() => undefined)
  const line = options.agent.json ? JSON.stringify({ kind: 'window', link: web.link }) : web.link
  process.stdout.write(`${line}\n`)

  const ended = new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  for (const step of steps) void web.step(step)
  // As without a window: steps of a call also come line by line.
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    try {
      const step = parseStep(line)
      if (step) void web.step(step)
    } catch (error) {
      process.stderr.write(`${causeOf(error)}\n`)
    }
  })
  await ended
  lines.close()
  process.stdin.destroy()
  process.once('SIGINT', () => process.exit(130)) // the second signal: now
  await web.stop()
}
