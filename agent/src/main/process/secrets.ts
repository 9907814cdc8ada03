import { randomBytes } from 'node:crypto'
import { chmod, stat } from 'node:fs/promises'
import path from 'node:path'
import { agentId } from '@3cx-ninja/protocol'
import { z } from 'zod'
import { openDurableFile } from '../storage/durableFile.ts'

const identity = z.object({
  agentId,
  token: z.string().min(1).max(200),
  hubName: z.string().max(120),
  /** The hub for which the token is valid: another hub is another identity. */
  hub: z.string().max(400),
  /** The pinned certificate authority, PEM. */
  ca: z.string().max(65_536).optional(),
})
export type Identity = z.infer<typeof identity>

const content = z.object({
  version: z.literal(1),
  /** 32 bytes, base64: wraps the keys of the recordings on this disk. */
  masterKey: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
  identity: identity.optional(),
})
type Content = z.infer<typeof content>

/** Keeps a small text safe: a file that only this user can read, or the key store of the operating system. */
export interface Vault {
  read(): Promise<string | undefined>
  write(text: string): Promise<void>
}

/** The agent's master key, and its identity on the hub. */
export interface Secrets {
  readonly masterKey: Buffer
  identity(): Identity | undefined
  /** Resolves once the identity is durable; undefined removes it. */
  saveIdentity(identity: Identity | undefined): Promise<void>
}

/**
 * Opens the agent's secrets; the first start creates a master key. Rejects when they exist but cannot be read: a new key
 * would lose every recording on this disk.
 */
export async function openSecrets(vault: Vault): Promise<Secrets> {
  const text = await vault.read()
  let value = text === undefined ? undefined : parse(text)
  if (!value) {
    value = { version: 1, masterKey: randomBytes(32).toString('base64') }
    await vault.write(JSON.stringify(value))
  }
  let current: Content = value
  return {
    masterKey: Buffer.from(current.masterKey, 'base64'),
    identity: () => current.identity,
    async saveIdentity(next) {
      const { identity: _replaced, ...rest } = current
      current = next ? { ...rest, identity: next } : rest
      await vault.write(JSON.stringify(current))
    },
  }
}

function parse(text: string): Content {
  try {
    return content.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error(
      'The secrets of this agent are damaged: restore them from a backup. Only if no recording waits here for the hub, remove them and enroll again.',
      { cause },
    )
  }
}

/**
 * Returns a vault in a file that only this user can read; wider rights are narrowed at each start. Rejects when the file is
 * damaged.
 */
export async function fileVault(folder: string): Promise<Vault> {
  const location = path.join(folder, 'secrets.json')
  const file = await openDurableFile({
    path: location,
    schema: z.object({}).loose(),
    empty: {},
    onBroken: ({ detail }) => {
      throw new Error(`${location} is damaged (${detail}): restore it from a backup.`)
    },
  })
  const found = await stat(location).catch(() => undefined)
  if (found && process.platform !== 'win32' && (found.mode & 0o077) !== 0) await chmod(location, 0o600)
  return {
    read: () => Promise.resolve(Object.keys(file.value).length > 0 ? JSON.stringify(file.value) : undefined),
    write: (text) => file.save(z.object({}).loose().parse(JSON.parse(text))),
  }
}

/**
 * Returns a vault in the key store of the operating system (Keychain, Credential Manager, Secret Service). Its methods reject
 * with the remedy while the key store is locked.
 */
export async function keyringVault(account: string): Promise<Vault> {
  const { AsyncEntry } = await import('@napi-rs/keyring')
  const entry = new AsyncEntry('3cx-ninja-realtime', account)
  return {
    async read() {
      try {
        return (await entry.getPassword()) ?? undefined
      } catch (cause) {
        throw new Error(
          'The key store of this computer does not answer: unlock it, or start with --secrets file.',
          {
            cause,
          },
        )
      }
    },
    write: (text) => entry.setPassword(text),
  }
}
