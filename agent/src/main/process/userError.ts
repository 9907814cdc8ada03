/** Failures that a person must know; the window has a sentence for each, with the remedy. */
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

/** What the window needs to show a failure in the technician's language. */
export interface UserErrorInfo {
  /** `other`: an error without a code; the window shows its own words. */
  readonly code: UserErrorCode | 'other'
  readonly facts: Readonly<Record<string, string | number>>
}

/** Returns an error with words for the log, and with a code and facts that the window shows in the technician's language. */
export function userError(
  code: UserErrorCode,
  words: string,
  more: { readonly facts?: UserErrorInfo['facts']; readonly cause?: unknown } = {},
): Error {
  const info: UserErrorInfo = { code, facts: more.facts ?? {} }
  return Object.assign(new Error(words, { cause: more.cause }), { userError: info })
}

/** Returns the code and facts of an error; `other` for an error that `userError` did not create. */
export function readUserError(error: Error): UserErrorInfo {
  return 'userError' in error ? (error.userError as UserErrorInfo) : { code: 'other', facts: {} }
}
