import { mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises'

/** What the recording log needs of a file; a node FileHandle is one. A test's own one can be full, slow or lose power. */
export interface LogFile {
  read(into: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }>
  write(from: Buffer, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>
  truncate(length: number): Promise<void>
  datasync(): Promise<void>
  sync(): Promise<void>
  stat(): Promise<{ size: number }>
  close(): Promise<void>
}

export interface FileSystem {
  open(path: string, flags: 'r' | 'r+' | 'wx+' | 'w+'): Promise<LogFile>
  /** Flushes a folder, so that new names in it survive a power cut. */
  syncFolder(path: string): Promise<void>
  makeFolder(path: string): Promise<void>
  list(path: string): Promise<readonly string[]>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  freeBytes(path: string): Promise<number>
}

export const nodeFileSystem: FileSystem = {
  open: (path, flags) => open(path, flags, 0o600),
  async syncFolder(path) {
    if (process.platform === 'win32') return // NTFS journals names by itself, and a folder cannot be opened there
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  },
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o700 })
  },
  list: (path) => readdir(path),
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  async freeBytes(path) {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  },
}

/** Writes all of `bytes` at `position`; a short write is continued. Rejects with the system's error (ENOSPC, EIO …). */
export async function writeAll(file: LogFile, bytes: Buffer, position: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

/** Reads `length` bytes at `position`; fewer only where the file ends. A short read is continued: it is no torn tail. */
export async function readUpTo(file: LogFile, length: number, position: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return bytes.subarray(0, done)
}

/** Names in a folder; none where there is a file of that name: it is not ours. */
export async function listIfFolder(fs: FileSystem, path: string): Promise<readonly string[]> {
  try {
    return await fs.list(path)
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') return []
    throw error
  }
}

/** Whether the system refused for want of space, and not because something is broken. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(errorCode(error))
}

/** The system's error code, such as 'ENOSPC'; '' for anything else. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
