import type { BoardCall, DraftFields, Utterance } from '@3cx-ninja/protocol'
import type { Analyse, Analysis } from './analysis.ts'
import { ACTION_WORDS, CATEGORIES, PRIORITIES, PROBLEM_WORDS, SENTIMENTS } from './lexicon.ts'
import { findPhrases, sentencesOf } from './words.ts'

const MAX_ACTIONS = 6
const MAX_TITLE = 110

/** The analysis that needs nothing: words of the lexicon, whole and not negated, in French and English. */
export const analyseByRules: Analyse = async (call, utterances) => analyse(call, utterances)

/** The same without a promise. Pure. */
export function analyse(call: BoardCall, utterances: readonly Utterance[]): Analysis {
  const callers = utterances
    .filter(({ channel }) => channel === 'caller')
    .flatMap(({ text }) => sentencesOf(text))
  const agents = utterances
    .filter(({ channel }) => channel === 'agent')
    .flatMap(({ text }) => sentencesOf(text))
  const problem = problemOf(callers)
  const category = best(CATEGORIES, [...callers, ...agents], [problem ?? ''])
  const priority = first(PRIORITIES, callers)
  const sentiment = first(SENTIMENTS, callers)
  return {
    title: titleOf(call, problem, category.name),
    description: descriptionOf(call, callers, agents, problem),
    category: category.name ?? 'Autre',
    priority: priority.name ?? 'MEDIUM',
    sentiment: sentiment.name ?? 'neutral',
    actions: actionsOf(agents),
    evidence: { category: category.words, priority: priority.words, sentiment: sentiment.words },
  }
}

interface Verdict<Name> {
  readonly name: Name | undefined
  readonly words: string[]
}

/** The entry with most words in the text; words in the sentences that tell the problem count three times. */
function best<Name>(
  entries: readonly { name: Name; words: readonly string[] }[],
  sentences: readonly string[],
  weighty: readonly string[],
): Verdict<Name> {
  let winner: Verdict<Name> = { name: undefined, words: [] }
  let winnerScore = 0
  for (const { name, words } of entries) {
    const found = sentences.flatMap((sentence) => findPhrases(sentence, words))
    const score = found.length + 3 * weighty.flatMap((sentence) => findPhrases(sentence, words)).length
    if (score <= winnerScore) continue
    winnerScore = score
    winner = { name, words: [...new Set(found.map(({ phrase }) => phrase.replace('*', '')))].slice(0, 8) }
  }
  return winner
}

/** The first entry of which any word stands in the text: entries are in order of weight. */
function first<Name>(
  entries: readonly { name: Name; words: readonly string[] }[],
  sentences: readonly string[],
): Verdict<Name> {
  for (const { name, words } of entries) {
    const found = sentences.flatMap((sentence) => findPhrases(sentence, words))
    if (found.length > 0)
      return { name, words: [...new Set(found.map(({ phrase }) => phrase.replace('*', '')))].slice(0, 8) }
  }
  return { name: undefined, words: [] }
}

function problemOf(sentences: readonly string[]): string | undefined {
  const scored = sentences.map((sentence, index) => ({
    sentence,
    score: findPhrases(sentence, PROBLEM_WORDS).length * 10 - index,
  }))
  const [top] = scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score)
  return top?.sentence ?? sentences.find((sentence) => sentence.split(' ').length >= 6)
}

function titleOf(call: BoardCall, problem: string | undefined, category: string | undefined): string {
  const who = call.caller?.contactName ?? call.remoteName
  if (problem) {
    const clause = problem.split(/,\s+(?:et|mais|donc|parce que|car)\s/)[0] ?? problem
    const text = clause.replace(/[.!?…]+$/, '').replace(/^(oui|bonjour|alors|voilà|euh)[\s,]+/i, '')
    const short = text.length <= MAX_TITLE ? text : `${text.slice(0, MAX_TITLE).replace(/\s\S*$/, '')}…`
    return `${short.charAt(0).toUpperCase()}${short.slice(1)}`
  }
  if (call.phase === 'missed') return `Appel manqué${who ? ` de ${who}` : ''}`
  return `Appel téléphonique${who ? ` de ${who}` : ''}${category ? ` : ${category}` : ''}`
}

function descriptionOf(
  call: BoardCall,
  callers: readonly string[],
  agents: readonly string[],
  problem: string | undefined,
): string {
  const who = [call.caller?.contactName ?? call.remoteName, call.caller?.organizationName]
    .filter(Boolean)
    .join(', ')
  const tried = agents.filter((sentence) => findPhrases(sentence, ACTION_WORDS).length > 0)
  const outcome = callers.filter(
    (sentence) =>
      findPhrases(sentence, [
        'ça marche',
        'ça y est',
        'bien imprimée',
        "c'est bon",
        'résolu',
        'it works',
        'fixed',
      ]).length > 0,
  )
  const minutes =
    call.talkingSinceMs !== undefined && call.endedAtMs !== undefined
      ? Math.max(1, Math.round((call.endedAtMs - call.talkingSinceMs) / 60_000))
      : undefined
  const sections = [
    `Appelant : ${who || 'inconnu'}${call.remoteNumber ? `\nNuméro de rappel : ${call.remoteNumber}` : ''}${call.agentName ? `\nTechnicien : ${call.agentName} (poste ${call.extension})` : ''}${minutes ? `\nDurée : ${minutes} min` : ''}`,
    problem ? `Problème :\n${problem}` : '',
    tried.length > 0 ? `Fait pendant l'appel :\n${tried.map((one) => `- ${one}`).join('\n')}` : '',
    outcome.length > 0 ? `Résultat :\n${outcome.map((one) => `- ${one}`).join('\n')}` : '',
  ]
  return sections.filter((one) => one !== '').join('\n\n')
}

function actionsOf(agents: readonly string[]): DraftFields['actions'] {
  const sentences = agents.filter((sentence) => findPhrases(sentence, ACTION_WORDS).length > 0)
  return [...new Set(sentences)]
    .slice(0, MAX_ACTIONS)
    .map((text) => ({ text: text.slice(0, 300), done: false }))
}
