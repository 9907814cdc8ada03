import { closeSync, openSync } from 'node:fs'
import { chmod, lstat, mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'
import { causeOf } from './causeOf.ts'

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600
const OTHERS = 0o077

/** One entry that other users of the machine can still reach, and why its mode could not be changed. */
export interface SharedEntry {
  readonly path: string
  readonly cause: string
}

/**
 * Creates the folder for its user only, and takes the rights of others away from a folder and its entries that stood there
 * before: an administrator's `mkdir` gives 0755, and the files of a restored backup come with any mode. The folder's own mode
 * protects what lies deeper. Resolves with the entries that belong to another user and stay as they are. Does nothing on
 * Windows, where the installer sets the access list. Rejects when the folder cannot be created.
 */
export async function makePrivateFolder(folder: string): Promise<readonly SharedEntry[]> {
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
  if (process.platform === 'win32') return []
  const names = await readdir(folder)
  const shared = await Promise.all(
    [folder, ...names.map((name) => path.join(folder, name))].map(takeRightsOfOthers),
  )
  return shared.filter((entry) => entry !== undefined)
}

/**
 * Creates an empty file for its user only, where none is: SQLite would create it for everybody, and its journals take the
 * file's mode. Never throws: a file that cannot be created is reported by the program that opens it.
 */
export function createPrivateFile(file: string): void {
  try {
    closeSync(openSync(file, 'a', FILE_MODE))
  } catch {
    // SQLite's own error names the cause and has a remedy
  }
}

async function takeRightsOfOthers(entry: string): Promise<SharedEntry | undefined> {
  try {
    const found = await lstat(entry)
    // A link's mode means nothing, and a change would follow it to a file that is not ours.
    if (found.isSymbolicLink() || (found.mode & OTHERS) === 0) return undefined
    await chmod(entry, found.isDirectory() ? FOLDER_MODE : FILE_MODE)
    return undefined
  } catch (error) {
    // A file that was removed meanwhile, such as a database's journal, is shared with nobody.
    return isGone(error) ? undefined : { path: entry, cause: causeOf(error) }
  }
}

const isGone = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT'
