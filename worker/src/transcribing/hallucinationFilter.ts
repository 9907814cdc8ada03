import type { Transcription } from '../engines/enginePort.ts'

/** Texts that speech models invent where nobody speaks: credits of the subtitles they were trained on. Whole utterances only. */
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

export type FilterVerdict = 'accepted' | 'no-words' | 'invented' | 'loops'

/** Returns whether the engine's text can be speech, or why it cannot: no words, a phrase models invent, or a loop. Pure. */
export function filterHallucination(transcription: Transcription): FilterVerdict {
  if (!/[\p{L}\p{N}]/u.test(transcription.text)) return 'no-words'
  if (transcription.noSpeech >= NO_SPEECH_FROM && meanConfidence(transcription) < UNSURE_BELOW)
    return 'invented'
  if (INVENTED.some((phrase) => phrase.test(transcription.text))) return 'invented'
  return loops(transcription.text) ? 'loops' : 'accepted'
}

function meanConfidence({ words }: Transcription): number {
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
