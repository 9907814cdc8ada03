import type { Direction } from '@3cx-ninja/protocol'

/** What the PBX tells while a call goes on: one extension's part in one call. */
export interface LiveFact {
  /** The PBX's own name of this part, the same in every fact about it: at most 64 characters, unique on the PBX. */
  readonly leg: string
  readonly extension: string
  readonly tells: 'ringing' | 'talking' | 'held' | 'ended'
  readonly direction: Direction
  readonly remoteNumber?: string
  readonly remoteName?: string
  /** Wall clock, when the hub heard it. */
  readonly atMs: number
}
