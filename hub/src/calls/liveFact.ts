import type { CallId, Direction } from '@3cx-ninja/protocol'

/** A fact of the PBX while a call goes on: one extension's part in one call. */
export interface LiveFact {
  /** The PBX's own name of this leg, the same in every fact about it: at most 64 characters, unique on the PBX. */
  readonly leg: string
  readonly extension: string
  readonly state: 'ringing' | 'talking' | 'held' | 'ended'
  readonly direction: Direction
  readonly remoteNumber?: string
  readonly remoteName?: string
  /**
   * The PBX's name of the conversation, the same for all extensions in it: a call to a group, or between two extensions. Valid
   * only at this time: small counters begin again. At most 64 characters.
   */
  readonly conversation?: string
  /** Wall clock, when the hub received the fact. */
  readonly atMs: number
}

/**
 * The hub's live link to the PBX. `none`: no PBX is set. `away`: the PBX does not answer now. `open`: facts arrive; `legs` are
 * all active legs at this moment: a leg that is not among them has ended unreported.
 */
export type PbxLink =
  | { readonly at: 'none' }
  | { readonly at: 'away' }
  | { readonly at: 'open'; readonly legs: readonly string[] }

/** The newest fact of an active leg, and the call that the leg was joined to. */
export interface CurrentFact {
  readonly fact: LiveFact
  readonly callId: CallId
  /** The leg rang and ended because another extension of the same conversation answered. */
  readonly answered?: true
}
