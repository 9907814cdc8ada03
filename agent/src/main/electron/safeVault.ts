import { readFile } from 'node:fs/promises'
import { safeStorage } from 'electron'
import type { Vault } from '../process/secrets.ts'
import { writeDurably } from '../storage/durableFile.ts'

/**
 * Returns the vault of token and master key, encrypted with a key of this user that the operating system holds (DPAPI,
 * Keychain, Secret Service). Its methods reject where there is none: a master key in plain text would protect no recording.
 */
export function safeVault(file: string): Vault {
  const check = async () => {
    const backend = process.platform === 'linux' ? safeStorage.getSelectedStorageBackend() : 'system'
    if (!(await safeStorage.isAsyncEncryptionAvailable()) || backend === 'basic_text')
      throw new Error(
        'The key store of this computer is not available: sign in to the desktop with its key ring unlocked, then start again.',
      )
  }
  return {
    async read() {
      const sealed = await readFile(file).catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
        throw error
      })
      if (!sealed) return undefined
      await check()
      const { result } = await safeStorage.decryptStringAsync(sealed)
      return result
    },
    async write(text) {
      await check()
      await writeDurably(file, await safeStorage.encryptStringAsync(text))
    },
  }
}
