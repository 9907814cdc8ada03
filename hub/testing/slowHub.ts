// Starts the hub on a disk where every flush takes longer: node hub/testing/slowHub.ts --settings FILE --flush-delay 10
import path from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '@3cx-ninja/node-kit/systemClock.ts'
import { nodeFileSystem, type FileSystem, type LogFile } from '@3cx-ninja/recording-log/fileSystem.ts'
import { ulid } from 'ulid'
import { createLog } from '../src/observe/log.ts'
import { readSettings } from '../src/settings/readSettings.ts'
import { start } from '../src/start.ts'

const { values } = parseArgs({
  options: { settings: { type: 'string' }, 'flush-delay': { type: 'string', default: '10' } },
})
const delayMs = Number(values['flush-delay'])
const later = () => new Promise((resolve) => setTimeout(resolve, delayMs))

const slowFile = (file: LogFile): LogFile => ({
  read: (...how) => file.read(...how),
  write: (...how) => file.write(...how),
  truncate: (length) => file.truncate(length),
  stat: () => file.stat(),
  close: () => file.close(),
  async datasync() {
    await file.datasync()
    await later()
  },
  async sync() {
    await file.sync()
    await later()
  },
})
const slowDisk: FileSystem = {
  ...nodeFileSystem,
  open: async (...where) => slowFile(await nodeFileSystem.open(...where)),
  async syncFolder(folder) {
    await nodeFileSystem.syncFolder(folder)
    await later()
  },
}

const settings = await readSettings(values.settings ?? '', process.env)
const log = createLog(settings.current.hub.logLevel)
const hub = await start({
  settings,
  clock: systemClock,
  random: Math.random,
  newId: ulid,
  log,
  version: 'bench',
  wallboardFolder: path.resolve(import.meta.dirname, '../../build/tv'),
  fileSystem: slowDisk,
  onFatal(error) {
    throw error
  },
})
log.info({ port: hub.port, flushDelayMs: delayMs }, 'hub.ready')
process.once('SIGTERM', () => void hub.stop().then(() => process.exit(0)))
