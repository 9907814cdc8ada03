import path from 'node:path'
import type { Closers } from '@3cx-ninja/node-kit/closers.ts'
import { createAccess, type Access } from '../access/access.ts'
import { createAttempts, type Attempts } from '../access/attempts.ts'
import { openDatabase, type Database } from '../database/openDatabase.ts'
import { lockDataFolder } from '../dataFolder.ts'
import { erasuresFile, openErasureList, type ErasureList } from '../erasures/erasureList.ts'
import type { HealthPart } from '../http/health.ts'
import { openDiskBallast } from '../diskBallast.ts'
import { openMasterKey } from '../masterKey.ts'
import { openFilesLimit } from '../observe/openFiles.ts'
import { createMetrics, type Metrics } from '../observe/metrics.ts'
import { nodeFileSystem } from '@3cx-ninja/recording-log/fileSystem.ts'
import type { RecordingLimits } from '../recordings/admission.ts'
import type { DiskFault } from '../recordings/diskFault.ts'
import { openRecordingStore, type RecordingStore } from '../recordings/recordingStore.ts'
import type { HubSettings } from '../settings/schema.ts'
import { openCertificates, type Certificates } from '../tls/certificates.ts'
import type { HubNeeds } from './hubNeeds.ts'
import { watchDatabase } from './watchDatabase.ts'

const SHARED =
  'Give the file to the hub’s user (chown), or take the rights of others away (chmod go=): recordings are encrypted, words and numbers are not.'

/** What lies on the hub's disk, opened: everything else is made from it. */
export interface Storage {
  readonly folder: string
  readonly certificates: Certificates
  readonly metrics: Metrics
  readonly database: Database
  readonly access: Access
  readonly attempts: Attempts
  readonly recordings: RecordingStore
  readonly erasureList: ErasureList
  /** Returns the fault that the recordings' disk has at this moment; undefined: none. */
  readonly diskFault: () => DiskFault | undefined
  /** Returns the damage that the nightly check of the database found, as `/health` shows it. */
  readonly damage: () => HealthPart | undefined
}

const FREE_SPACE =
  'Free space on the disk of folders.data now: the hub goes on with what the file “ballast” took.'

/** Returns what recordings may take, as the settings say it in megabytes. */
function limitsOf({ quotas }: HubSettings): RecordingLimits {
  const { unsealedRecordings, openParts, megabytesPerDay, reserveMegabytes } = quotas
  return {
    recordings: unsealedRecordings,
    parts: openParts,
    bytesPerDay: megabytesPerDay * MEGABYTE,
    reserveBytes: reserveMegabytes === undefined ? undefined : reserveMegabytes * MEGABYTE,
  }
}
const MEGABYTE = 1_000_000

/**
 * Locks the data folder, then opens the master key, certificates, database and recordings. Rejects with a sentence that
 * names cause and remedy; what was opened before is closed by `closers`.
 */
export async function openStorage(needs: HubNeeds, closers: Closers): Promise<Storage> {
  const { clock, log } = needs
  const settings = needs.settings.current
  const ballast = await openDiskBallast({
    ...{ clock, folder: settings.folders.data },
    onReleased: (freeBytes) => log.error({ freeBytes, remedy: FREE_SPACE }, 'disk.ballast-released'),
  })
  closers.add('ballast', () => ballast.stop())
  const data = await lockDataFolder(settings.folders.data)
  closers.add('data folder', () => data.release())
  for (const shared of data.shared) log.warn({ ...shared, remedy: SHARED }, 'data-folder.shared')
  const masterKey = await openMasterKey(settings.folders, (file) => log.info({ file }, 'master-key.made'))
  const certificates = await openCertificates(settings, clock)
  closers.add('certificates', () => certificates.stop())
  if (certificates.health().state !== 'ok') log.error(certificates.health(), 'certificate.bad')
  const metrics = createMetrics()
  closers.add('metrics', () => metrics.stop())
  const database = await openDatabase({
    file: path.join(data.path, 'hub.sqlite'),
    onSlow: (command, tookMs) => log.warn({ command, tookMs }, 'database.slow'),
    onLost: needs.onFatal,
  })
  closers.add('database', () => database.close())
  const watch = watchDatabase({ file: path.join(data.path, 'hub.sqlite'), clock, log })
  closers.add('database watch', () => watch.stop())
  const attempts = createAttempts(clock, (failed) => log.warn(failed, 'access.refused'))
  closers.add('attempts', () => attempts.stop())
  const access = createAccess({
    ...{ database, clock, attempts, newId: needs.newId },
    onSeenNotStored: (error) => log.warn({ error: String(error) }, 'client.last-seen-not-stored'),
  })
  closers.add('access', () => access.stop())
  const recordings = await openRecordingStore({
    folder: path.join(data.path, 'recordings'),
    masterKey,
    clock,
    filesLimit: openFilesLimit(),
    ...(needs.fileSystem ? { fs: needs.fileSystem } : {}),
    limits: () => limitsOf(needs.settings.current),
    onCrowded: (use) => log.warn(use, 'client.near-its-quota'),
    onRecovered: (found) => log.warn(found, 'recording.recovered'),
  })
  closers.add('recordings', () => recordings.stop())
  const erasureList = await openErasureList({
    fs: nodeFileSystem,
    file: erasuresFile(settings.folders.secrets),
  })
  closers.add('erasures', () => erasureList.stop())
  let diskFault: DiskFault | undefined
  recordings.onDiskFault((fault) => {
    diskFault = fault.kind === 'none' ? undefined : fault
    if (diskFault) log.error(diskFault, 'disk.failed')
    else log.info({}, 'disk.recovered')
  })
  return {
    folder: data.path,
    certificates,
    metrics,
    database,
    access,
    attempts,
    recordings,
    erasureList,
    diskFault: () => diskFault,
    damage: watch.damage,
  }
}
