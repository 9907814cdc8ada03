import type { Utterance } from '@3cx-ninja/protocol'
import type { TicketTexts } from '../texts/ticketTexts.ts'
import { CONDITIONS, PROBLEM_WORDS, RESOLVED, RESOLVED_OR_AGREED } from './lexicon.ts'
import { actOf, asTicketLine, canBeKeptNow, isCallersPromise, isLater, saysDone } from './speechActs.ts'
import { findPhrases, findTopics, plain, sentencesOf } from './words.ts'

export interface Said {
  readonly by: Utterance['channel']
  readonly text: string
}

/** Actions and resolution of the call, as the ticket lists them. */
export interface Outcome {
  /** Actions asked for, tried, or promised and kept during the call. */
  readonly done: readonly string[]
  /** Actions that remain after the call. */
  readonly open: readonly string[]
  /** Sentences by which the problem is solved; empty while it is not. */
  readonly resolvedBy: readonly Said[]
  /** Words of these sentences that name the solution. */
  readonly resolvedWords: readonly string[]
}

/** Returns the sentences of the call with their speakers, in speaking order. */
export function sentencesSaid(utterances: readonly Utterance[]): readonly Said[] {
  return utterances.flatMap(({ channel, text }) =>
    sentencesOf(text).map((one) => ({ by: channel, text: one })),
  )
}

/** Returns the technician's sentences, sorted into done and open actions. Pure. */
export function outcomeOf(said: readonly Said[], texts: Pick<TicketTexts, 'labeled' | 'caller'>): Outcome {
  const resolvedAt = lastResolution(said)
  const done: string[] = []
  const open: string[] = []
  said.forEach(({ by, text }, index) => {
    if (by === 'caller') {
      if (isCallersPromise(text)) open.push(texts.labeled(texts.caller, asTicketLine(text)))
      return
    }
    const act = actOf(text)
    if (act === undefined) return
    const answered = said.slice(index + 1).find((one) => one.by === 'caller')
    const isKept =
      canBeKeptNow(text) && (resolvedAt > index || (answered !== undefined && saysDone(answered.text)))
    const remains = act === 'promise' || act === 'duty' ? !isKept : act === 'request' && isLater(text)
    const list = remains ? open : done
    list.push(asTicketLine(text))
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

/** Index of the sentence that reports a solution which no later sentence of the caller denies; -1: none. */
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
