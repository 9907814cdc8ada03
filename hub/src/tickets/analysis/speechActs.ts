import {
  ASKED,
  ASKED_ENGLISH,
  ASKING,
  AT_ONCE,
  BOOKKEEPING,
  CALLERS_PROMISE,
  CONDITIONAL,
  DOING,
  DUTY,
  IMPERATIVE,
  LATER,
  CHECKING,
  NEVER_NOW,
  OPENING,
  POLITE,
  POLITE_QUESTION_ENGLISH,
  PROMISE,
  SAYS_DONE,
} from './grammar.ts'
import { plain } from './words.ts'

/**
 * What the technician does by a sentence. `request`: the caller shall do it now; `doing`: the technician does it now;
 * `promise`: somebody will do it; `duty`: the caller shall do it, or leave it, from now on.
 */
export type Act = 'request' | 'doing' | 'promise' | 'duty'

/** Returns the technician's act in this sentence; undefined: none that belongs into a ticket. */
export function actOf(sentence: string): Act | undefined {
  const text = plain(sentence.replace(OPENING, ''))
  if (POLITE.test(text) || BOOKKEEPING.test(text)) return undefined
  const isQuestion = text.endsWith('?')
  if (ASKED.test(text)) return 'request'
  if (ASKED_ENGLISH.test(text) && (!isQuestion || POLITE_QUESTION_ENGLISH.test(text))) {
    if (!DUTY.test(text) && !PROMISE.test(text)) return 'request'
  }
  // Engines hear question marks where there are none; nobody asks a question by an imperative.
  if (isQuestion) return IMPERATIVE.exec(text)?.index === 0 ? 'request' : undefined
  if (AT_ONCE.test(text)) return 'doing'
  if (CHECKING.test(text) && canBeKeptNow(text)) return undefined
  if (!CONDITIONAL.test(text)) {
    if (DUTY.test(text)) return 'duty'
    if (PROMISE.test(text)) return 'promise'
  }
  if (IMPERATIVE.test(text)) return 'request'
  return DOING.test(text) ? 'doing' : undefined
}

/** Returns whether the caller promises an action for later; actions during the call are reported by the technician. */
export function isCallersPromise(sentence: string): boolean {
  const text = plain(sentence)
  return !text.endsWith('?') && !CONDITIONAL.test(text) && CALLERS_PROMISE.test(text)
}

export function isLater(sentence: string): boolean {
  return LATER.test(plain(sentence))
}

/** Returns whether a promise may have been kept before the end of the call. */
export function canBeKeptNow(sentence: string): boolean {
  return !isLater(sentence) && !NEVER_NOW.test(plain(sentence))
}

/** Returns whether the caller reports that a requested action is done. */
export function saysDone(sentence: string): boolean {
  return SAYS_DONE.test(plain(sentence))
}

/** Returns the sentence as a line of the ticket: without "very well", a polite question as its request. */
export function asTicketLine(sentence: string): string {
  const bare = sentence.replace(OPENING, '')
  const line = ASKING.test(bare) ? bare.replace(ASKING, '').replace(/\s*\?$/, '.') : bare
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}`
}
