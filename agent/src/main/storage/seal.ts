import type { MasterKey } from '@3cx-ninja/recording-log/masterKey.ts'
import { z } from 'zod'
import type { DurableFileNeeds } from './durableFile.ts'

const sealed = z.object({ masterKeyId: z.string(), box: z.string() })

type Seal = NonNullable<DurableFileNeeds<unknown>['seal']>

/** Returns the encryption of one file with the agent's key. `boundTo` names the file: another file's text does not open as it. */
export function sealWith(masterKey: Pick<MasterKey, 'wrap' | 'unwrap'>, boundTo: string): Seal {
  return {
    close: (text) => JSON.stringify(masterKey.wrap(Buffer.from(text), boundTo)),
    open: (text) => masterKey.unwrap(sealed.parse(JSON.parse(text)), boundTo).toString('utf8'),
  }
}

/** Returns the same for a file that an earlier version wrote in clear: its text opens as it is, and the next save encrypts it. */
export function sealOnceClear(seal: Seal): Seal {
  return {
    ...seal,
    open: (text) => (sealed.safeParse(parsed(text)).success ? seal.open(text) : text),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the reader of the file reports it as broken
  }
}
