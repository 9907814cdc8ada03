import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { ulid } from 'ulid'
import { createLog } from './observe/log.ts'
import { readSettings } from './settings/readSettings.ts'
import { start, type Hub } from './start.ts'
import hub from '../package.json' with { type: 'json' }

const HELP = `npm run hub -- [--settings hub-settings.json] [--admin-link] | --new-secret
  --settings FILE   settings (default: hub-settings.json; written by hand or by the admin page, see docs/settings.md)
  --admin-link      print a new one-time link to the admin page at start, also when agents or workers are enrolled
  --new-secret      print a random secret, for threecx.webhookSecret or hub.metricsToken, and end`

/** A stop takes some seconds, also with a backlog: a longer one waits for what never comes. systemd kills after 90 s. */
const STOP_MS = 30_000

interface Arguments {
  readonly settings: string
  readonly 'admin-link': boolean
}
// Whatever this process writes is for its user only: folders that an administrator made are shared by default.
process.umask(0o077)
const args = readArguments()
if (args === 'help') process.stdout.write(`${HELP}\n`)
// Hex: no character of it is special in XML, in a header or in 3CX's brackets.
else if (args === 'new-secret') process.stdout.write(`${randomBytes(24).toString('hex')}\n`)
else if (args) {
  await run(args).catch((error: unknown) => {
    // For people first: one sentence with the remedy. The stack only for a bug.
    process.stderr.write(`${isBug(error) ? (error.stack ?? error.message) : messageOf(error)}\n`)
    process.exitCode = 1
  })
}

function readArguments(): Arguments | 'help' | 'new-secret' | undefined {
  try {
    const { values } = parseArgs({
      options: {
        settings: { type: 'string', default: 'hub-settings.json' },
        'admin-link': { type: 'boolean', default: false },
        'new-secret': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) return 'help'
    return values['new-secret'] ? 'new-secret' : values
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${HELP}\n`)
    process.exitCode = 2
    return undefined
  }
}

async function run(values: Arguments): Promise<void> {
  const startedMs = performance.now()
  const settings = await readSettings(values.settings, process.env)
  const log = createLog(settings.current.hub.logLevel)
  if (!existsSync(values.settings))
    log.warn(
      {
        file: path.resolve(values.settings),
        remedy:
          'Defaults are used, and the admin page will write this file. If another was meant: stop, correct --settings.',
      },
      'settings.no-file',
    )
  for (const { name, why } of settings.withoutEffect)
    log.warn({ name, why }, 'settings.variable-without-effect')
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
    wallboardFolder: path.resolve(import.meta.dirname, '../../build/tv'),
    adminFolder: path.resolve(import.meta.dirname, '../../build/admin'),
  })
  const link = values['admin-link'] || !(await running.hasClients()) ? { adminLink: running.adminLink() } : {}
  log.info(
    { url: running.url, port: running.port, tookMs: Math.round(performance.now() - startedMs), ...link },
    'hub.ready',
  )
  if (link.adminLink !== undefined && process.stderr.isTTY)
    process.stderr.write(`\nAdmin page, once within half an hour:  ${link.adminLink}\n\n`)
  flushCompileCache() // not only at an orderly end

  let signals = 0
  const onSignal = (signal: NodeJS.Signals) => {
    signals += 1
    if (signals > 1) process.exit(130)
    log.info({ signal }, 'hub.stopping')
    void running.stop().then(() => process.exit(0))
    systemClock.after(STOP_MS, () => {
      log.error({ afterMs: STOP_MS }, 'hub.stop-late')
      process.exit(1) // what was acknowledged is on the disk, as after a crash
    })
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}

function isBug(error: unknown): error is Error {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
