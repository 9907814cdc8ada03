import type { BoardCall, Utterance } from '@3cx-ninja/protocol'
import type { Analyse, Analysis } from './analysis.ts'
import { outcomeOf, sentencesSaid, type Outcome } from './conversation.ts'
import { PROBLEM_WORDS, WISH_WORDS } from './lexicon.ts'
import { categoryOf, priorityOf, sentimentOf } from './verdicts.ts'
import { findPhrases } from './words.ts'

const MAX_ACTIONS = 10
const MAX_TITLE = 110
/** Fewer words tell no problem: "Oui, bonjour." */
const LEAST_PROBLEM_WORDS = 6

/** The analysis that needs nothing: words of the lexicon, whole and not negated, in French and English. */
export const analyseByRules: Analyse = async (call, utterances) => analyse(call, utterances)

/** The same without a promise. Pure. */
export function analyse(call: BoardCall, utterances: readonly Utterance[]): Analysis {
  const said = sentencesSaid(utterances)
  const problem = problemOf(said.filter(({ by }) => by === 'caller').map(({ text }) => text))
  const outcome = outcomeOf(said)
  const category = categoryOf(said, problem)
  const priority = priorityOf(said, outcome.resolvedWords)
  const sentiment = sentimentOf(said)
  return {
    title: titleOf(call, problem, category.name),
    description: descriptionOf(call, problem, outcome),
    category: category.name ?? 'Autre',
    priority: priority.name,
    sentiment: sentiment.name,
    actions: outcome.open.slice(0, MAX_ACTIONS).map((text) => ({ text: text.slice(0, 300), done: false })),
    evidence: {
      category: [...category.words],
      priority: [...priority.words],
      sentiment: [...sentiment.words],
    },
  }
}

/** The caller's sentence that tells the problem: a fault weighs more than a wish, what is said first more than what follows. */
function problemOf(sentences: readonly string[]): string | undefined {
  const scored = sentences.map((sentence, index) => {
    const faults = findPhrases(sentence, PROBLEM_WORDS).length
    const wishes = findPhrases(sentence, WISH_WORDS).length
    const question = sentence.endsWith('?') ? 4 : 0
    return { sentence, score: faults * 10 + wishes * 5 - question - index * 0.8 }
  })
  const [top] = scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score)
  return top?.sentence ?? sentences.find((one) => bare(one).split(' ').length >= LEAST_PROBLEM_WORDS)
}

const GREETING =
  /^(?:(?:oui|non|allô|bonjour|bonsoir|alors|voilà|euh|ben|bon|donc|en fait|écoutez|madame|monsieur|hello|hi|good morning|good afternoon|yes|well|so)(?=[\s,.!])[\s,.!]*)+/iu
const REASON =
  /^(?:(?:en fait )?(?:je vous appelle|j['’]appelle|je vous contacte) (?:parce que|car|pour vous dire que|pour signaler que|pour)|i['’]m calling (?:because|about|to say that))[\s,]+/iu

/** Without greeting and "I call because". */
function bare(sentence: string): string {
  return sentence.replace(GREETING, '').replace(REASON, '')
}

function titleOf(call: BoardCall, problem: string | undefined, category: string | undefined): string {
  const who = call.caller?.contactName ?? call.remoteName
  if (problem) {
    const clauses = bare(problem).split(/,\s+(?:(?:et|mais|donc|parce que|car|and|but|so|because)\s+)?/)
    const telling = clauses.find((clause) => findPhrases(clause, PROBLEM_WORDS).length > 0)
    const text = (telling ?? clauses[0] ?? problem)
      .replace(/^(?:et|mais|and|but)\s+/i, '')
      .replace(/[\s.!?…]+$/, '')
    const short = text.length <= MAX_TITLE ? text : `${text.slice(0, MAX_TITLE).replace(/\s\S*$/, '')}…`
    if (short !== '') return `${short.charAt(0).toUpperCase()}${short.slice(1)}`
  }
  if (call.phase === 'missed') return `Appel manqué${who ? ` de ${who}` : ''}`
  return `Appel téléphonique${who ? ` de ${who}` : ''}${category ? ` : ${category}` : ''}`
}

/** Each sentence stands once: what remains to be done is the draft's list of actions, and not repeated here. */
function descriptionOf(call: BoardCall, problem: string | undefined, { done, resolvedBy }: Outcome): string {
  const who = [call.caller?.contactName ?? call.remoteName, call.caller?.organizationName]
    .filter(Boolean)
    .join(', ')
  const minutes =
    call.talkingSinceMs !== undefined && call.endedAtMs !== undefined
      ? Math.max(1, Math.round((call.endedAtMs - call.talkingSinceMs) / 60_000))
      : undefined
  const tried = done.filter((one) => !resolvedBy.some(({ text }) => text === one))
  const solved = [...new Set(resolvedBy.map(({ text }) => text))].filter((one) => one !== problem)
  const sections = [
    `Appelant : ${who || 'inconnu'}${call.remoteNumber ? `\nNuméro de rappel : ${call.remoteNumber}` : ''}${call.agentName ? `\nTechnicien : ${call.agentName} (poste ${call.extension})` : ''}${minutes ? `\nDurée : ${minutes} min` : ''}`,
    problem ? `Problème :\n${problem}` : '',
    tried.length > 0 ? `Fait pendant l'appel :\n${tried.map((one) => `- ${one}`).join('\n')}` : '',
    solved.length > 0 ? `Résolu pendant l'appel :\n${solved.map((one) => `- ${one}`).join('\n')}` : '',
  ]
  return sections.filter((one) => one !== '').join('\n\n')
}
