import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { link, open, rm } from 'node:fs/promises'
import path from 'node:path'
import { errorCode, nodeFileSystem } from './fileSystem.ts'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const MAX_FILE_BYTES = 1_024

/** A part's key as the part's header stores it: base64 of nonce, ciphertext and tag, and the id of the master key that wrapped it. */
export interface WrappedKey {
  readonly masterKeyId: string
  readonly box: string
}

/** The key that wraps the keys of all parts. Its bytes never leave this object. */
export interface MasterKey {
  /** The first 16 hex digits of the key's SHA-256: they name the key without revealing it. */
  readonly id: string
  /** Returns the part's key encrypted under a random nonce and bound to a text, such as the part's header. */
  wrap(partKey: Uint8Array, boundTo: string): WrappedKey
  /** Returns the part's key. Throws with the remedy when another master key wrapped it, or when box or text were changed. */
  unwrap(wrapped: WrappedKey, boundTo: string): Buffer
}

/** Returns a master key of 32 bytes. Throws for any other length. */
export function createMasterKey(key: Uint8Array): MasterKey {
  if (key.length !== KEY_BYTES) throw new Error(`a master key has ${KEY_BYTES} bytes, this one ${key.length}`)
  const id = createHash('sha256').update(key).digest('hex').slice(0, 16)
  return {
    id,
    /** Returns the part's key encrypted under a random nonce and bound to a text, such as the part's header. */
    wrap(partKey, boundTo) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(boundTo))
      const box = Buffer.concat([nonce, cipher.update(partKey), cipher.final(), cipher.getAuthTag()])
      return { masterKeyId: id, box: box.toString('base64') }
    },
    unwrap(wrapped, boundTo) {
      if (wrapped.masterKeyId !== id) {
        throw new Error(
          `wrapped by master key ${wrapped.masterKeyId}, but ${id} is loaded: restore the key file that belongs to this data`,
        )
      }
      const box = Buffer.from(wrapped.box, 'base64')
      const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(0, NONCE_BYTES)).setAAD(
        Buffer.from(boundTo),
      )
      decipher.setAuthTag(box.subarray(-TAG_BYTES))
      return Buffer.concat([decipher.update(box.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
    },
  }
}

/**
 * Creates a new key file, mode 0600; resolves with its key once the file is flushed. Rejects with EEXIST instead of replacing
 * a key: every part that the old key wrapped would be lost. The file gets its name only when it is whole.
 */
export async function makeMasterKeyFile(file: string): Promise<MasterKey> {
  const key = randomBytes(KEY_BYTES)
  const unnamed = `${file}.${randomBytes(6).toString('hex')}.new`
  const handle = await open(unnamed, 'wx', 0o600)
  try {
    try {
      await handle.writeFile(`${key.toString('base64')}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await link(unnamed, file)
  } finally {
    await rm(unnamed, { force: true })
  }
  await nodeFileSystem.syncFolder(path.dirname(file))
  return createMasterKey(key)
}

/** Resolves with the key of a file; with undefined when the file is missing. Rejects with the remedy when it holds no key or others may read it. */
export async function readMasterKeyFile(file: string): Promise<MasterKey | undefined> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
  if (!handle) return undefined
  try {
    const { mode, size } = await handle.stat()
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new Error(`${file} may be read by others (mode ${(mode & 0o777).toString(8)}): set it to 600`)
    const text = size > MAX_FILE_BYTES ? '' : (await handle.readFile('utf8')).trim()
    const key = /^[0-9A-Za-z+/]{43}=$/.test(text) ? Buffer.from(text, 'base64') : undefined
    if (key?.length !== KEY_BYTES)
      throw new Error(`${file} holds no master key (${KEY_BYTES} bytes, base64): restore it from the backup`)
    return createMasterKey(key)
  } finally {
    await handle.close()
  }
}
