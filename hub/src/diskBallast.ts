import { randomBytes } from 'node:crypto'
import { open, rm, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'

/** A file that takes room only so that it can be deleted: on a disk that something else filled, the database opens in its place. */
export interface DiskBallast {
  stop(): Promise<void>
}

export interface DiskBallastNeeds {
  readonly folder: string
  readonly clock: Clock
  /** Called when the file is deleted because the disk is full. */
  readonly onReleased: (freeBytes: number) => void
}

/** Room for the database's log, its shared memory and a journal of recordings; less on a disk of a toy's size. */
const BALLAST_BYTES = 8 * 1_048_576
const LEAST_SHARE = 1 / 20
/** Less than this, and the next write of the database may fail. */
const FULL_BYTES = 1_048_576
/** It is put back only where it does not bring the disk near to full. */
const PLENTY = 3
const CHECK_EVERY_MS = 5 * SECOND_MS
const CHUNK_BYTES = 1_048_576

/** Deletes the file where the disk is full, and puts it back once there is plenty of room. Never rejects: it is a precaution. */
export async function openDiskBallast(needs: DiskBallastNeeds): Promise<DiskBallast> {
  const file = path.join(needs.folder, 'ballast')
  let isStopped = false
  let cancel: () => void = () => undefined
  const check = async () => {
    const { bavail, blocks, bsize } = await statfs(needs.folder)
    const ballastBytes = Math.min(BALLAST_BYTES, blocks * bsize * LEAST_SHARE)
    const freeBytes = bavail * bsize
    const isThere = (await stat(file).catch(() => undefined)) !== undefined
    if (freeBytes < FULL_BYTES && isThere) {
      await rm(file, { force: true })
      needs.onReleased(freeBytes)
    } else if (freeBytes > PLENTY * ballastBytes && !isThere) await fill(file, ballastBytes)
  }
  const checkQuietly = () => check().catch(() => undefined) // the folder's real user names the fault of its disk
  const schedule = () => {
    if (isStopped) return
    cancel = needs.clock.after(CHECK_EVERY_MS, () => {
      checking = checkQuietly().finally(schedule)
    })
  }
  let checking: Promise<void> = checkQuietly()
  await checking
  schedule()
  return {
    async stop() {
      isStopped = true
      cancel()
      await checking
    },
  }
}

/** Random bytes: a file system that compresses would keep no room for zeros. A file that is not whole is removed. */
async function fill(file: string, bytes: number): Promise<void> {
  const handle = await open(file, 'w', 0o600)
  try {
    for (let at = 0; at < bytes; at += CHUNK_BYTES)
      await handle.write(randomBytes(CHUNK_BYTES), 0, CHUNK_BYTES, at)
  } catch (error) {
    await rm(file, { force: true })
    throw error
  } finally {
    await handle.close()
  }
}
