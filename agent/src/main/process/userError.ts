/** What can go wrong so that a person must know; the window has a sentence for each, with what to do. */
export type TroubleCode =
  | 'file-damaged'
  | 'not-noted'
  | 'not-begun'
  | 'disk-full'
  | 'not-written'
  | 'not-completed'
  | 'not-erased'
  | 'not-read'
  | 'not-removed'
  | 'not-checked'
  | 'kept-too-long'
  | 'removed-soon'
  | 'space-nearly-used'
  | 'sound-source'
  | 'hub-refused'
  | 'identity-shared'
  | 'enrollment-failed'

export interface Told {
  /** `other`: nobody gave it a code; its own words are shown. */
  readonly code: TroubleCode | 'other'
  readonly facts: Readonly<Record<string, string | number>>
}

/** An Error with words for the log, and a code with facts that the window says in the technician's language. */
export function aTrouble(
  code: TroubleCode,
  words: string,
  more: { readonly facts?: Told['facts']; readonly cause?: unknown } = {},
): Error {
  const told: Told = { code, facts: more.facts ?? {} }
  return Object.assign(new Error(words, { cause: more.cause }), { told })
}

export function readTrouble(error: Error): Told {
  return 'told' in error ? (error.told as Told) : { code: 'other', facts: {} }
}
