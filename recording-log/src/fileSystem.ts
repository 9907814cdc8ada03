import { mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises'

/** What the recording log needs of a file; Node's FileHandle is one. A test's file can be full, slow or lose power. */
export interface LogFile {
  read(into: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }>
  write(from: Buffer, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>
  truncate(length: number): Promise<void>
  datasync(): Promise<void>
  sync(): Promise<void>
  stat(): Promise<{ size: number }>
  close(): Promise<void>
}

/** What the recording log needs of a file system. Each method rejects with the system's error (ENOSPC, EIO, ENOENT …). */
export interface FileSystem {
  open(path: string, flags: 'r' | 'r+' | 'wx+' | 'w+'): Promise<LogFile>
  /** Flushes a folder; once it resolves, new names in the folder survive a power cut. */
  syncFolder(path: string): Promise<void>
  makeFolder(path: string): Promise<void>
  list(path: string): Promise<readonly string[]>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  freeBytes(path: string): Promise<number>
  /** Resolves with the size of the disk; 0 where it has none that is known. */
  totalBytes(path: string): Promise<number>
}

/** The real file system: files for their user only (mode 0600), folders likewise (0700). */
export const nodeFileSystem: FileSystem = {
  open: (path, flags) => open(path, flags, 0o600),
  async syncFolder(path) {
    if (process.platform === 'win32') return // NTFS journals names by itself, and Windows cannot open a folder.
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
  async totalBytes(path) {
    const { blocks, bsize } = await statfs(path)
    return blocks * bsize
  },
}

/** Writes all of `bytes` at `position`; resolves after the last of them. A short write is continued. Rejects with the system's error (ENOSPC, EIO …). */
export async function writeAll(file: LogFile, bytes: Buffer, position: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

/** Resolves with `length` bytes at `position`; with fewer only where the file ends. A short read is continued: it is no torn tail. */
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

/** Resolves with the names in a folder; with none where a file has that name, since the recording log did not create it. */
export async function listIfFolder(fs: FileSystem, path: string): Promise<readonly string[]> {
  try {
    return await fs.list(path)
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') return []
    throw error
  }
}

/** Returns whether the system refused for lack of space, and not because something is broken. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(errorCode(error))
}

/** Returns the system's error code, such as 'ENOSPC'; '' for any other error. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
