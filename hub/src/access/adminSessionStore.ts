/** Keeps admin sessions over a restart, which every change of a setting needs: only hashes of their tokens. */
export interface AdminSessionStore {
  /** Resolves with what was saved last, unparsed; undefined: nothing yet. */
  read(): Promise<unknown>
  /** Replaces what was saved before. Rejects when it cannot be stored; the old sessions then stay. */
  save(sessions: unknown): Promise<void>
}
