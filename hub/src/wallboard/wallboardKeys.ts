import { hash } from 'node:crypto'
import { wallboardKey, type WallboardKey } from '@3cx-ninja/protocol'

/** Makes what a wallboard gets in place of an id: the same for the same id, and no way back to the id without the secret. */
export type KeyOf = (id: string) => WallboardKey

/** Long enough that two ids of one day never meet. */
const KEY_CHARS = 32

/**
 * Returns the keys of one run of the hub: made from a secret of that run, so that they mean nothing after it. One hash and no
 * HMAC, which is five times dearer: a snapshot makes 16,000 keys, and half a hash cannot be extended. Rule T6.
 */
export function createWallboardKeys(secret: Uint8Array): KeyOf {
  const prefix = Buffer.from(secret).toString('hex')
  return (id) => wallboardKey.parse(hash('sha256', prefix + id, 'hex').slice(0, KEY_CHARS))
}
