import type { CallAudio } from '../../ipc/channels.ts'

/** Why a call cannot be heard; a sentence for each stands in the texts of the page. */
export type NoSound = Extract<CallAudio, { at: 'gone' }>['why']

/** The sound is nowhere any more, or was never ours to hear: what is left of it here goes too. */
export const isGoneForGood = (why: NoSound): boolean =>
  why === 'erased' || why === 'expired' || why === 'unknown' || why === 'hub-refused'

export function noSound(why: NoSound, words: string, cause?: unknown): Error & { readonly why: NoSound } {
  return Object.assign(new Error(words, { cause }), { why })
}

/** What a failure means for the listener; a surprise is the hub's trouble or this disk's. */
export function whyOf(error: unknown): NoSound {
  return error instanceof Error && 'why' in error ? (error as Error & { why: NoSound }).why : 'hub-busy'
}
