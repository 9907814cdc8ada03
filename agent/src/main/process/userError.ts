/** What can go wrong so that a person must know; the window has a sentence for each, with what to do. */
export type UserErrorCode =
  | 'file-damaged'
  | 'not-saved'
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

export interface UserErrorInfo {
  /** `other`: nobody gave it a code; its own words are shown. */
  readonly code: UserErrorCode | 'other'
  readonly facts: Readonly<Record<string, string | number>>
}

/** An Error with words for the log, and a code with facts that the window says in the technician's language. */
export function userError(
  code: UserErrorCode,
  words: string,
  more: { readonly facts?: UserErrorInfo['facts']; readonly cause?: unknown } = {},
): Error {
  const info: UserErrorInfo = { code, facts: more.facts ?? {} }
  return Object.assign(new Error(words, { cause: more.cause }), { told: info })
}

export function readUserError(error: Error): UserErrorInfo {
  return 'told' in error ? (error.told as UserErrorInfo) : { code: 'other', facts: {} }
}
