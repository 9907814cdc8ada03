import type { Clock, Random } from '@3cx-ninja/protocol'
import type { FileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { Log } from '../observe/log.ts'
import type { SettingsStore } from '../settings/readSettings.ts'

/** What the hub gets from its surroundings: settings, time, chance, ids, the log and two built pages. */
export interface HubNeeds {
  readonly settings: SettingsStore
  readonly clock: Clock
  readonly random: Random
  readonly newId: () => string
  readonly log: Log
  readonly version: string
  /** Folder of the built wallboard. */
  readonly wallboardFolder: string
  /** Folder of the built admin page; without one `/admin` says that it is not built. */
  readonly adminFolder?: string
  /** Where recordings are written; the machine's own file system when omitted. */
  readonly fileSystem?: FileSystem
  /** Called when something broke that only a restart mends; what is durable is on disk. */
  readonly onFatal: (error: Error) => void
}
