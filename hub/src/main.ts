import path from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '@3cx-ninja/node-link/systemClock.ts'
import { ulid } from 'ulid'
import { createLog } from './observe/log.ts'
import { SettingsError, readSettings } from './settings/readSettings.ts'
import { start, type Hub } from './start.ts'
import hub from '../package.json' with { type: 'json' }

const HELP = `npm run hub -- [--settings hub-settings.json] [--admin-link]
  --settings FILE   settings (default: hub-settings.json; made by the admin page, see docs/settings.md)
  --admin-link      print a new one-time link to the admin page at start`

const { values } = parseArgs({
  options: {
    settings: { type: 'string', default: 'hub-settings.json' },
    'admin-link': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(`${HELP}\n`)
} else {
  await run().catch((error: unknown) => {
    // For people first: one sentence with the remedy. The stack only for what nobody expected.
    const expected = error instanceof SettingsError || (error instanceof Error && error.cause !== undefined)
    process.stderr.write(
      `${error instanceof Error ? (expected ? error.message : (error.stack ?? error.message)) : String(error)}\n`,
    )
    process.exitCode = 1
  })
}

async function run(): Promise<void> {
  const startedMs = performance.now()
  const settings = await readSettings(values.settings, process.env)
  const log = createLog(settings.current.hub.logLevel)
  for (const key of settings.unknownKeys) log.warn({ key, file: values.settings }, 'settings.unknown-key')
  const crash = (error: Error) => {
    log.error({ error: error.stack ?? error.message }, 'hub.crashed')
    process.exit(70) // the service manager starts it again; everything durable is on disk
  }
  process.on('uncaughtException', crash)
  const running: Hub = await start({
    settings,
    clock: systemClock,
    random: Math.random,
    newId: ulid,
    log,
    onFatal: crash,
    version: hub.version,
    wallFolder: path.resolve(import.meta.dirname, '../../build/tv'),
  })
  const link = values['admin-link'] || !(await running.hasMembers()) ? { adminLink: running.adminLink() } : {}
  log.info(
    { url: running.url, port: running.port, tookMs: Math.round(performance.now() - startedMs), ...link },
    'hub.ready',
  )

  let asked = 0
  const onSignal = (signal: NodeJS.Signals) => {
    asked += 1
    if (asked > 1) process.exit(130)
    log.info({ signal }, 'hub.stopping')
    void running.stop().then(() => process.exit(0))
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}
