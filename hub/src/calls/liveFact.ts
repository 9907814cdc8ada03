import type { CallId, Direction } from '@3cx-ninja/protocol'

/** What the PBX tells while a call goes on: one extension's part in one call. */
export interface LiveFact {
  /** The PBX's own name of this part, the same in every fact about it: at most 64 characters, unique on the PBX. */
  readonly leg: string
  readonly extension: string
  readonly state: 'ringing' | 'talking' | 'held' | 'ended'
  readonly direction: Direction
  readonly remoteNumber?: string
  readonly remoteName?: string
  /**
   * The PBX's name of the conversation, the same for all extensions in it: a call to a group, or between two extensions. Only
   * good at this time: small counters begin anew. At most 64 characters.
   */
  readonly conversation?: string
  /** Wall clock, when the hub heard it. */
  readonly atMs: number
}

/**
 * How the hub hears of calls while they go on. `none`: no PBX is set. `away`: it does not answer now. `open`: it is heard;
 * `legs` are all parts that go on at this moment: those that are not among them ended unheard.
 */
export type PbxLink =
  | { readonly at: 'none' }
  | { readonly at: 'away' }
  | { readonly at: 'open'; readonly legs: readonly string[] }

/** A fact that still holds, and the call it was joined to. */
export interface HeldFact {
  readonly fact: LiveFact
  readonly callId: CallId
  /** It rang here and ended because somebody else of the same conversation took it. */
  readonly answered?: true
}
