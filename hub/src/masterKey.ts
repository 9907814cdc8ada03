import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { makePrivateFolder } from '@3cx-ninja/node-kit/privateFolder.ts'
import { errorCode } from '@3cx-ninja/recording-log/fileSystem.ts'
import { makeMasterKeyFile, readMasterKeyFile, type MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import type { HubSettings } from './settings/schema.ts'

/**
 * Reads the key that wraps every recording's key from the secrets folder; creates it at the very first start. Rejects when
 * the file is gone while recordings exist: a new key could not open them, and would hide that the old one must be restored.
 */
export async function openMasterKey(
  folders: HubSettings['folders'],
  onMade: (file: string) => void,
): Promise<MasterKey> {
  const file = path.join(folders.secrets, 'master.key')
  await makePrivateFolder(folders.secrets)
  const existing = await readMasterKeyFile(file)
  if (existing) return existing
  const recordings = path.join(folders.data, 'recordings')
  if (await hasRecordings(recordings)) {
    throw new Error(
      `${file} is missing, but ${recordings} holds recordings that only this key opens: restore it from the backup, or move the recordings away to start without them.`,
    )
  }
  const made = await makeMasterKeyFile(file)
  onMade(file)
  return made
}

/** A recording's folder, or a journal that is not empty: something that only the key of its time can read. */
async function hasRecordings(folder: string): Promise<boolean> {
  const parts = await namesIn(path.join(folder, 'parts'))
  if (parts.some((entry) => entry.isDirectory())) return true
  const journal = path.join(folder, 'journal')
  for (const { name } of await namesIn(journal))
    if ((await stat(path.join(journal, name))).size > 0) return true
  return false
}

async function namesIn(folder: string) {
  return readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  })
}
