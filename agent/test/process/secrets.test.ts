import { randomBytes } from 'node:crypto'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { agentId } from '@3cx-ninja/protocol'
import { fileVault, openSecrets, type Identity, type Vault } from '../../src/main/process/secrets.ts'
import { aFolder } from '../../testing/sounds.ts'

const identity: Identity = {
  agentId: agentId.parse('agent-0001'),
  token: 'token-of-this-agent',
  hubName: 'Helpdesk',
  hub: 'https://hub.example',
}

function memoryVault(text?: string): Vault & { text: string | undefined } {
  const vault = {
    text,
    read: () => Promise.resolve(vault.text),
    write(next: string) {
      vault.text = next
      return Promise.resolve()
    },
  }
  return vault
}

describe("the agent's secrets", () => {
  it('the secrets are a key created once, and the identity from the hub, over restarts', async () => {
    await using folder = await aFolder()
    const first = await openSecrets(await fileVault(folder.path))
    expect(first.masterKey).toHaveLength(32)
    expect(first.identity()).toBeUndefined()
    await first.saveIdentity(identity)
    const again = await openSecrets(await fileVault(folder.path))
    expect(again.masterKey.equals(first.masterKey)).toBe(true)
    expect(again.identity()).toEqual(identity)
    await again.saveIdentity(undefined)
    const last = await openSecrets(await fileVault(folder.path))
    expect(last.identity()).toBeUndefined()
    expect(last.masterKey.equals(first.masterKey)).toBe(true)
  })

  it('the secrets lie in a file that only this user can read; wider rights are narrowed', async () => {
    await using folder = await aFolder()
    await openSecrets(await fileVault(folder.path))
    const target = path.join(folder.path, 'secrets.json')
    expect((await stat(target)).mode & 0o777).toBe(0o600)
    await chmod(target, 0o644)
    await openSecrets(await fileVault(folder.path))
    expect((await stat(target)).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['cut short', '{"version":1,"masterKey":"AAAA'],
    ['emptied', ''],
    ['of another program', '[1,2,3]'],
  ])('secrets that are %s are never replaced: new ones would lose every recording here', async (_, text) => {
    await using folder = await aFolder()
    const target = await folder.file('secrets.json', text)
    await expect(fileVault(folder.path)).rejects.toThrow(/secrets\.json is damaged.*restore it from a backup/)
    expect(await readFile(target, 'utf8')).toBe(text)
  })

  it.each([
    ['without a key', JSON.stringify({ version: 1 })],
    [
      'with a key that is too short',
      JSON.stringify({ version: 1, masterKey: randomBytes(16).toString('base64') }),
    ],
    ['that are no JSON', 'password123'],
  ])('secrets %s are refused with the remedy, and kept', async (_, text) => {
    const vault = memoryVault(text)
    await expect(openSecrets(vault)).rejects.toThrow(/damaged: restore them from a backup/)
    expect(vault.text).toBe(text)
  })

  it('secrets that could not be saved are reported, so that an enrollment is not lost in silence', async () => {
    const vault = memoryVault()
    const secrets = await openSecrets(vault)
    vault.write = () => Promise.reject(new Error('ENOSPC'))
    await expect(secrets.saveIdentity(identity)).rejects.toThrow('ENOSPC')
  })

  it('secrets are not created without a vault that stores the key', async () => {
    const vault = memoryVault()
    vault.write = () => Promise.reject(new Error('ENOSPC'))
    await expect(openSecrets(vault)).rejects.toThrow('ENOSPC')
  })

  it('secrets of a newer version are refused rather than truncated to the known fields', async () => {
    await using folder = await aFolder()
    const target = path.join(folder.path, 'secrets.json')
    const newer = JSON.stringify({ version: 2, keys: [] })
    await writeFile(target, newer)
    await expect(openSecrets(await fileVault(folder.path))).rejects.toThrow('damaged')
    expect(await readFile(target, 'utf8')).toBe(newer)
  })
})
