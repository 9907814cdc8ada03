import type { BoardCall, Utterance } from '@3cx-ninja/protocol'
import type { TicketTexts } from '../texts/ticketTexts.ts'
import type { Analyse, Analysis } from './analysis.ts'
import { outcomeOf, sentencesSaid, type Outcome } from './conversation.ts'
import { PROBLEM_WORDS, REQUEST_WORDS } from './lexicon.ts'
import { categoryOf, priorityOf, sentimentOf } from './verdicts.ts'
import { findPhrases } from './words.ts'

const MAX_ACTIONS = 10
const MAX_TITLE = 110
/** Fewer words tell no problem: "Oui, bonjour." */
const LEAST_PROBLEM_WORDS = 6

/** Returns the analysis that needs no engine: words of the lexicon, whole and not negated, in French and English. Never rejects. */
export function createRulesAnalyse(texts: () => TicketTexts): Analyse {
  return async (call, utterances) => analyse(call, utterances, texts())
}

/** Returns what the rules find in these utterances, with the hub's own phrases in the language of `texts`. Pure. */
export function analyse(call: BoardCall, utterances: readonly Utterance[], texts: TicketTexts): Analysis {
  const said = sentencesSaid(utterances)
  const problem = problemOf(said.filter(({ by }) => by === 'caller').map(({ text }) => text))
  const outcome = outcomeOf(said, texts)
  const category = categoryOf(said, problem)
  const priority = priorityOf(said, outcome.resolvedWords)
  const sentiment = sentimentOf(said)
  const categoryName = category.name && texts.categories[category.name]
  return {
    title: titleOf(call, problem, categoryName, texts),
    description: descriptionOf(call, problem, outcome, texts),
    category: categoryName ?? texts.otherCategory,
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

/** The caller's sentence that names the problem: a fault weighs more than a request, and an earlier sentence more than a later one. */
function problemOf(sentences: readonly string[]): string | undefined {
  const scored = sentences.map((sentence, index) => {
    const faults = findPhrases(sentence, PROBLEM_WORDS).length
    const requests = findPhrases(sentence, REQUEST_WORDS).length
    const question = sentence.endsWith('?') ? 4 : 0
    return { sentence, score: faults * 10 + requests * 5 - question - index * 0.8 }
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

function titleOf(
  call: BoardCall,
  problem: string | undefined,
  category: string | undefined,
  texts: TicketTexts,
): string {
  if (problem) {
    const clauses = bare(problem).split(/,\s+(?:(?:et|mais|donc|parce que|car|and|but|so|because)\s+)?/)
    const named = clauses.find((clause) => findPhrases(clause, PROBLEM_WORDS).length > 0)
    const text = (named ?? clauses[0] ?? problem)
      .replace(/^(?:et|mais|and|but)\s+/i, '')
      .replace(/[\s.!?…]+$/, '')
    const short = text.length <= MAX_TITLE ? text : `${text.slice(0, MAX_TITLE).replace(/\s\S*$/, '')}…`
    if (short !== '') return `${short.charAt(0).toUpperCase()}${short.slice(1)}`
  }
  const name = call.caller?.contactName ?? call.remoteName
  const isMissed = call.phase === 'missed'
  const title = [isMissed ? texts.missedCall : texts.phoneCall, name ? texts.from(name) : ''].join(' ').trim()
  return category && !isMissed ? texts.labeled(title, category) : title
}

/** Each sentence stands once: open actions are the draft's own list, and are not repeated here. */
function descriptionOf(
  call: BoardCall,
  problem: string | undefined,
  { done, resolvedBy }: Outcome,
  texts: TicketTexts,
): string {
  const tried = done.filter((one) => !resolvedBy.some(({ text }) => text === one))
  const solved = [...new Set(resolvedBy.map(({ text }) => text))].filter((one) => one !== problem)
  const section = (title: string, lines: readonly string[]) =>
    lines.length > 0 ? `${texts.labeled(title, '').trimEnd()}\n${lines.join('\n')}` : ''
  const list = (lines: readonly string[]) => lines.map((one) => `- ${one}`)
  const sections = [
    factsOf(call, texts).join('\n'),
    section(texts.problem, problem ? [problem] : []),
    section(texts.doneDuringCall, list(tried)),
    section(texts.solvedDuringCall, list(solved)),
  ]
  return sections.filter((one) => one !== '').join('\n\n')
}

function factsOf(call: BoardCall, texts: TicketTexts): readonly string[] {
  const caller = [call.caller?.contactName ?? call.remoteName, call.caller?.organizationName]
    .filter(Boolean)
    .join(', ')
  const minutes =
    call.talkingSinceMs !== undefined && call.endedAtMs !== undefined
      ? Math.max(1, Math.round((call.endedAtMs - call.talkingSinceMs) / 60_000))
      : undefined
  const fact = (label: string, value: string | undefined) => (value ? [texts.labeled(label, value)] : [])
  return [
    ...fact(texts.caller, caller || texts.unknownCaller),
    ...fact(texts.callbackNumber, call.remoteNumber),
    ...fact(texts.technician, call.agentName && texts.technicianAt(call.agentName, call.extension)),
    ...fact(texts.duration, minutes === undefined ? undefined : texts.minutes(minutes)),
  ]
}
