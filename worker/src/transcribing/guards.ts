import type { Heard } from '../engines/enginePort.ts'

/** What speech models invent where nobody speaks: credits of the subtitles they were trained on. Whole utterances only. */
const INVENTED: readonly RegExp[] = [
  /sous-?titr(es|age).{0,40}(amara|st['’]? ?501|radio-canada|communaut)/i,
  /^merci d['’]avoir regard[ée]( (cette|la) vid[ée]o)?\W*$/i,
  /^abonnez[- ]vous( [àa] la cha[iî]ne)?\W*$/i,
  /^(thank you|thanks) for watching\W*$/i,
  /subtitles by the amara/i,
  /^(please )?(like and )?subscribe( to (my|the) channel)?\W*$/i,
  /^\W*(♪+|\[?(musique|music|applaudissements|applause)\]?)\W*$/i,
]
const NO_SPEECH_FROM = 0.8
const UNSURE_BELOW = 0.4
/** A phrase of 1 to 6 words said this many times in a row is a loop. "non non non" is not. */
const REPEATS = 4
const LONGEST_LOOP = 6
const SHORTEST_TEXT_LOOP = 8

export type Verdict = 'fine' | 'nothing-said' | 'invented' | 'loops'

/** Whether the engine's text is what somebody said. Pure. */
export function judge(heard: Heard): Verdict {
  if (!/[\p{L}\p{N}]/u.test(heard.text)) return 'nothing-said'
  if (heard.noSpeech >= NO_SPEECH_FROM && meanConfidence(heard) < UNSURE_BELOW) return 'invented'
  if (INVENTED.some((phrase) => phrase.test(heard.text))) return 'invented'
  return loops(heard.text) ? 'loops' : 'fine'
}

function meanConfidence({ words }: Heard): number {
  return words.length === 0 ? 1 : words.reduce((sum, word) => sum + word.confidence, 0) / words.length
}

function loops(text: string): boolean {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  if (words.length < SHORTEST_TEXT_LOOP) return false
  for (let length = 1; length <= LONGEST_LOOP; length++) {
    let same = 0
    for (let at = length; at < words.length; at++) {
      same = words[at] === words[at - length] ? same + 1 : 0
      if (same >= length * (REPEATS - 1) && same + length >= SHORTEST_TEXT_LOOP) return true
    }
  }
  return false
}
