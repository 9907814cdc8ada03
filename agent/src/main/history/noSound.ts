import type { CallAudio } from '../../ipc/channels.ts'

/** Why a call has no audio; the page has a sentence for each reason. */
export type NoSound = Extract<CallAudio, { at: 'gone' }>['why']

/** Returns whether the recording is gone for good, or never was this agent's: its copy on this disk is destroyed then. */
export const isGoneForGood = (why: NoSound): boolean =>
  why === 'erased' || why === 'expired' || why === 'unknown' || why === 'hub-refused'

/** Returns an error with the reason for programs and words for the log. */
export function noSound(why: NoSound, words: string, cause?: unknown): Error & { readonly why: NoSound } {
  return Object.assign(new Error(words, { cause }), { why })
}

/** Returns the reason that the listener sees; an unexpected failure counts as a busy hub, so that a retry makes sense. */
export function whyOf(error: unknown): NoSound {
  return error instanceof Error && 'why' in error ? (error as Error & { why: NoSound }).why : 'hub-busy'
}
