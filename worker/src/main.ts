import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { pino, stdTimeFunctions } from 'pino'
import { ulid } from 'ulid'
import self from '../package.json' with { type: 'json' }
import { causeOf } from '@3cx-ninja/node-kit/causeOf.ts'
import { DEMONSTRATION_MODEL, HELP, readSettings } from './settings.ts'
import { startWorker } from './start.ts'
import { StartupError } from './startupError.ts'

/** Exit codes for service managers: 3 means that a restart will not help (`RestartPreventExitStatus=3`). */
const EXIT = { failed: 1, startupError: 3, killed: 130 }

try {
  await run()
} catch (error) {
  process.stderr.write(`${causeOf(error)}\n`)
  process.exit(error instanceof StartupError ? EXIT.startupError : EXIT.failed)
}

async function run(): Promise<void> {
  const settings = readSettings(process.argv.slice(2), process.env)
  if (!settings) return void process.stdout.write(`${HELP}\n`)
  const log = pino({ base: { part: 'worker' }, timestamp: stdTimeFunctions.isoTime })
  if (settings.engine === 'whisper-server' && settings.model === DEMONSTRATION_MODEL)
    log.warn(
      {
        remedy:
          'It understands synthetic voices only. For real calls: npm run model -- large-v3-turbo, then --model with that file.',
      },
      'model.demonstration',
    )
  let attached = false
  const stopSignal = new Promise<NodeJS.Signals>((resolve) => {
    let signals = 0
    const onSignal = (signal: NodeJS.Signals) => {
      signals += 1
      // Before the worker is attached no call needs to be finished; the exit ends the engines, too.
      if (signals > 1 || !attached) process.exit(EXIT.killed)
      resolve(signal)
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
  const worker = await startWorker({
    settings,
    clock: systemClock,
    random: Math.random,
    newId: ulid,
    log,
    version: self.version,
  })
  attached = true
  try {
    log.info({ signal: await Promise.race([stopSignal, worker.ended]) }, 'worker.stopping')
  } finally {
    await worker.stop()
  }
  process.exit(0)
}
