import type { Utterance } from '@3cx-ninja/protocol'
import { CONDITIONS, PROBLEM_WORDS, RESOLVED, RESOLVED_OR_AGREED } from './lexicon.ts'
import { actOf, asTold, canBeKeptNow, isCallersPromise, isLater, saysDone } from './speechActs.ts'
import { findPhrases, findTopics, plain, sentencesOf } from './words.ts'

export interface Said {
  readonly by: Utterance['channel']
  readonly text: string
}

/** What came of the call. */
export interface Outcome {
  /** Asked for, tried or promised and kept while both were on the telephone. */
  readonly done: readonly string[]
  /** What remains to be done after the call. */
  readonly open: readonly string[]
  /** The sentences that say it works again; empty while it does not. */
  readonly resolvedBy: readonly Said[]
  /** Their words. */
  readonly resolvedWords: readonly string[]
}

/** Who said what, sentence by sentence, in speaking order. */
export function sentencesSaid(utterances: readonly Utterance[]): readonly Said[] {
  return utterances.flatMap(({ channel, text }) =>
    sentencesOf(text).map((one) => ({ by: channel, text: one })),
  )
}

/** Sorts the technician's sentences into what is done and what remains. Pure. */
export function outcomeOf(said: readonly Said[]): Outcome {
  const resolvedAt = lastResolution(said)
  const done: string[] = []
  const open: string[] = []
  said.forEach(({ by, text }, index) => {
    if (by === 'caller') {
      if (isCallersPromise(text)) open.push(`Appelant : ${asTold(text)}`)
      return
    }
    const act = actOf(text)
    if (act === undefined) return
    const answered = said.slice(index + 1).find((one) => one.by === 'caller')
    const isKept =
      canBeKeptNow(text) && (resolvedAt > index || (answered !== undefined && saysDone(answered.text)))
    const remains = act === 'promise' || act === 'duty' ? !isKept : act === 'request' && isLater(text)
    const list = remains ? open : done
    list.push(asTold(text))
  })
  const resolvedBy =
    resolvedAt < 0 ? [] : said.slice(resolvedAt).filter((one) => wordsOfResolution(one.text).length > 0)
  return {
    done: distinct(done),
    open: distinct(open).filter((one) => !done.includes(one)),
    resolvedBy,
    resolvedWords: distinct(resolvedBy.flatMap(({ text }) => wordsOfResolution(text))),
  }
}

/** Where somebody says that it works again, and nobody says the contrary afterwards; -1 when nowhere. */
function lastResolution(said: readonly Said[]): number {
  const at = said.findIndex((_, index) => isResolution(said, index))
  if (at < 0) return -1
  const again = said.findLastIndex(({ by, text }, index) => index > at && by === 'caller' && isProblem(text))
  if (again < 0) return at
  const later = said.findIndex((_, index) => index > again && isResolution(said, index))
  return later
}

function isResolution(said: readonly Said[], index: number): boolean {
  const { text, by } = said[index] ?? { text: '', by: 'agent' }
  if (plain(text).endsWith('?') || isProblem(text) || wordsOfResolution(text).length === 0) return false
  if (findPhrases(text, RESOLVED).length > 0) return true
  // "Ça marche" after "je vous rappelle demain" only means: agreed.
  if (by === 'agent') return false
  const before = said.slice(0, index).findLast((one) => one.by === 'agent')
  const act = before && actOf(before.text)
  const wasTried = said.slice(0, index).some((one) => one.by === 'agent' && ['request', 'doing'].includes(actOf(one.text) ?? '')) // prettier-ignore
  return wasTried && act !== 'promise' && act !== 'duty' && !(before && isLater(before.text))
}

function wordsOfResolution(text: string): readonly string[] {
  const compared = plain(text)
  return [...findPhrases(text, RESOLVED), ...findPhrases(text, RESOLVED_OR_AGREED)]
    .filter(({ at }) => findTopics(compared.slice(0, at), CONDITIONS).length === 0)
    .map(({ words }) => words)
}

function isProblem(text: string): boolean {
  return !plain(text).endsWith('?') && findPhrases(text, PROBLEM_WORDS).length > 0
}

function distinct(list: readonly string[]): readonly string[] {
  return [...new Set(list)]
}
