import type { Draft, Priority } from '@3cx-ninja/protocol'
import type { Said } from './conversation.ts'
import { CATEGORIES, DEADLINE, NOT_PRESSING, PRESSING, SENTIMENTS, URGENT } from './lexicon.ts'
import type { Topic } from '../texts/ticketTexts.ts'
import { findPhrases, findTopics, plain, type Found } from './words.ts'

/** A verdict and the words of the call that it rests on. */
export interface Verdict<Name> {
  readonly name: Name
  readonly words: readonly string[]
}

const MAX_WORDS = 8
const wordsOf = (found: readonly Found[]) => [...new Set(found.map(({ words }) => words))].slice(0, MAX_WORDS)

/** Returns the topic with most words in the call; words of the problem's own sentence count three times more. */
export function categoryOf(said: readonly Said[], problem: string | undefined): Verdict<Topic | undefined> {
  let winner: Verdict<Topic | undefined> = { name: undefined, words: [] }
  let winnerScore = 0
  for (const { topic, words } of CATEGORIES) {
    const found = said.flatMap(({ text }) => findTopics(text, words))
    const score = found.length + 3 * (problem === undefined ? 0 : findTopics(problem, words).length)
    if (score <= winnerScore) continue
    winnerScore = score
    winner = { name: topic, words: wordsOf(found) }
  }
  return winner
}

/**
 * How pressing it is, by the caller's words: the last thing said about urgency counts; what stands still or has a
 * deadline presses only while it is not solved.
 */
export function priorityOf(said: readonly Said[], resolvedWords: readonly string[]): Verdict<Priority> {
  const callers = said.map((one, index) => ({ ...one, index })).filter(({ by }) => by === 'caller')
  const urgent = callers.flatMap(({ text, index }) => urgencyIn(said, index, text))
  const latest = urgent.at(-1)
  if (latest) {
    const same = urgent.filter(({ isUrgent }) => isUrgent === latest.isUrgent)
    return { name: latest.isUrgent ? 'HIGH' : 'LOW', words: wordsOf(same.flatMap(({ found }) => found)) }
  }
  const pressing = callers.flatMap(({ text }) => [...findPhrases(text, PRESSING), ...deadlineIn(text)])
  if (pressing.length === 0) return { name: 'MEDIUM', words: [] }
  if (resolvedWords.length > 0) return { name: 'MEDIUM', words: resolvedWords.slice(0, MAX_WORDS) }
  return { name: 'HIGH', words: wordsOf(pressing) }
}

interface Urgency {
  readonly isUrgent: boolean
  readonly found: readonly Found[]
}

function urgencyIn(said: readonly Said[], index: number, text: string): readonly Urgency[] {
  const calm = findPhrases(text, NOT_PRESSING)
  const denied = findTopics(text, URGENT).length > 0 && findPhrases(text, URGENT).length === 0
  const urgent = plain(text).endsWith('?') ? [] : findPhrases(text, URGENT)
  if (urgent.length > 0) return [{ isUrgent: true, found: urgent }]
  if (calm.length > 0 || denied) return [{ isUrgent: false, found: calm.length > 0 ? calm : [{ words: plain(text), at: 0 }] }] // prettier-ignore
  // "C'est urgent ?" "Oui."
  const asked = said[index - 1]
  if (asked?.by !== 'agent' || !asked.text.trim().endsWith('?')) return []
  const about = findTopics(asked.text, URGENT)
  const answer = /^(?:(oui|yes|si|absolument|tout à fait)|(non|no|pas))\b/u.exec(plain(text))
  return about.length > 0 && answer ? [{ isUrgent: answer[1] !== undefined, found: [...about, { words: answer[0], at: 0 }] }] : [] // prettier-ignore
}

function deadlineIn(text: string): readonly Found[] {
  const match = DEADLINE.exec(plain(text))
  return match && !plain(text).endsWith('?') ? [{ words: match[0], at: match.index }] : []
}

/** Returns the caller's mood. Displeasure weighs more: a kind goodbye does not undo it. */
export function sentimentOf(said: readonly Said[]): Verdict<Draft['sentiment']> {
  const callers = said.filter(({ by }) => by === 'caller')
  for (const { name, words } of SENTIMENTS) {
    const found = callers.flatMap(({ text }) => (plain(text).endsWith('?') ? [] : findPhrases(text, words)))
    if (found.length > 0) return { name, words: wordsOf(found) }
  }
  return { name: 'neutral', words: [] }
}
