/**
 * Verbs that name the effect of a function for its caller; a function's contract comment contains one of them.
 * Words that are nouns of this field as well (records, files, lists, counts, plans) are left out: they would
 * count where nothing is said.
 */
const EFFECT_VERBS = `
  aborts accepts acknowledges adds allows answers appends applies begins builds calls cancels checks closes commits
  compares completes computes connects converts copies creates decides decodes decrypts deletes delivers destroys
  detects discards drops emits encodes encrypts ends enrolls erases evicts expires fails fetches finds flushes
  forgets frees ignores inserts installs keeps kills loads logs migrates moves notifies omits opens parses pauses
  plays publishes pushes queues reads receives refuses registers rejects releases removes renames renews repairs
  replaces reports resets resolves restarts restores resumes retries returns revokes runs saves schedules seals
  searches sends serves sets skips splits starts stops stores subscribes sweeps switches terminates throws
  transcribes truncates undoes unsubscribes updates validates verifies waits wakes warns writes yields
`

const PATTERN = new RegExp(`\\b(${EFFECT_VERBS.trim().split(/\s+/).join('|')})\\b`, 'i')

/** Returns whether a comment names an effect: "Resolves once …", "Never rejects", "Calls the listener". */
export function saysEffect(comment: string): boolean {
  return PATTERN.test(comment)
}
