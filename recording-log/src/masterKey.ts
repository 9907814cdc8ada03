import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** A part's key as it stands in the part's header: base64 of nonce, ciphertext and tag, and which master key wrapped it. */
export interface WrappedKey {
  readonly masterKeyId: string
  readonly box: string
}

export interface MasterKey {
  /** First 16 hex digits of the key's SHA-256: names the key without telling it. */
  readonly id: string
  wrap(partKey: Uint8Array, boundTo: string): WrappedKey
  /** Throws with the remedy when another master key wrapped it, or when it was tampered with. */
  unwrap(wrapped: WrappedKey, boundTo: string): Buffer
}

export function createMasterKey(key: Uint8Array): MasterKey {
  if (key.length !== KEY_BYTES) throw new Error(`a master key has ${KEY_BYTES} bytes, this one ${key.length}`)
  const id = createHash('sha256').update(key).digest('hex').slice(0, 16)
  return {
    id,
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

/** Makes a new key file, mode 0600, flushed. Fails with EEXIST rather than replace a key: what it wrapped would be lost. */
export async function makeMasterKeyFile(path: string): Promise<MasterKey> {
  const key = randomBytes(KEY_BYTES)
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(`${key.toString('base64')}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  return createMasterKey(key)
}

/** undefined when there is no such file; throws when it holds no key. */
export async function readMasterKeyFile(path: string): Promise<MasterKey | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== KEY_BYTES)
    throw new Error(`${path} holds no master key (${KEY_BYTES} bytes, base64): restore it from the backup`)
  return createMasterKey(key)
}
