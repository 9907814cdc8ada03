import { findNumbers } from '@3cx-ninja/phone-numbers/findNumbers.ts'
import { maskNumber } from '@3cx-ninja/phone-numbers/maskNumbers.ts'
import { isFiller, streamOf, type Said, type Span, type Spoken, type Stream } from './conversation.ts'
import { isNumeric, readingsAt } from './spokenNumbers.ts'

/** A stretch that is shown as something else: a telephone number by its country and its last two digits. */
export interface Replacement extends Span {
  readonly shown: string
}

interface Group {
  readonly digits: string
  readonly from: number
  readonly to: number
}

const LEAST_DIGITS = 9
const MOST_DIGITS = 14
/** A number of another country is longer by so many digits than one that exists in the site's. */
const MOST_EXTRA = 3

/** Returns the telephone numbers that one side reads out, in words or over several utterances, with their last two digits. */
export function telephoneNumbers(
  conversation: readonly Spoken[],
  channel: Said['channel'],
  country: string,
): readonly Replacement[] {
  const stream = streamOf(conversation, channel)
  const found: Replacement[] = []
  for (const run of runsOf(stream))
    for (let at = 0; at < run.length; at++) {
      const hit = /^[+0]/.test(run[at]?.digits ?? '') ? numberAt(run, at, country) : undefined
      if (!hit) continue
      found.push(...replaced(stream, run.slice(at, hit.to), hit.shown))
      at = hit.to - 1
    }
  return found
}

/** Groups of digits that follow each other, with no more than fillers between them. */
function runsOf(stream: Stream): readonly (readonly Group[])[] {
  const { tokens, breaks } = stream
  const runs: Group[][] = []
  let isOpen = false
  for (let at = 0; at < tokens.length;) {
    const token = tokens[at]
    if (breaks.has(at)) isOpen = false
    const isPlus = (token?.key === 'plus' || token?.gap.endsWith('+') === true) && isNumeric(tokens[at + (token.key === 'plus' ? 1 : 0)]) // prettier-ignore
    const start = token?.key === 'plus' && isPlus ? at + 1 : at
    const [reading] = readingsAt(tokens, start)
    if (reading) {
      const group = { digits: `${isPlus ? '+' : ''}${reading.digits}`, from: at, to: reading.to }
      if (isOpen && !isPlus) runs.at(-1)?.push(group)
      else runs.push([group])
      isOpen = true
    } else if (!isFiller(token)) isOpen = false
    at = reading?.to ?? at + 1
  }
  return runs
}

function numberAt(
  run: readonly Group[],
  at: number,
  country: string,
): { readonly to: number; readonly shown: string } | undefined {
  let written = ''
  const ends: number[] = []
  for (let to = at; to < run.length; to++) {
    written += `${written === '' ? '' : ' '}${run[to]?.digits ?? ''}`
    if (written.replace(/\D/g, '').length > MOST_DIGITS) break
    ends.push(written.length)
  }
  const [first] = findNumbers(written, country)
  const end = first?.start === 0 ? ends.indexOf(first.end) : -1
  const rest = run
    .slice(at + end + 1)
    .flatMap(({ digits }) => (digits.startsWith('0') ? [] : [digits]))
    .join('').length
  const isWhole = rest === 0 || rest > MOST_EXTRA
  if (end >= 0 && isWhole)
    return { to: at + end + 1, shown: maskNumber(written.slice(0, first?.end), country) ?? '•••' }
  return suspectedAt(run, at)
}

/** A number of another country: a 0 in front, as long as numbers are, and nothing else of the same run behind it. */
function suspectedAt(
  run: readonly Group[],
  at: number,
): { readonly to: number; readonly shown: string } | undefined {
  const next = run.findIndex(({ digits }, index) => index > at + 3 && /^0\d/.test(digits))
  const to = next < 0 ? run.length : next
  const digits = run
    .slice(at, to)
    .map((group) => group.digits)
    .join('')
    .replace('+', '')
  const isPossible =
    digits.length >= LEAST_DIGITS && digits.length <= MOST_DIGITS && !/^0{2}0|^0+$/.test(digits)
  return isPossible ? { to, shown: `••• ${digits.slice(-2)}` } : undefined
}

/** Numbers that are written in digits within one utterance are masked by phone-numbers itself. */
function replaced(stream: Stream, groups: readonly Group[], shown: string): readonly Replacement[] {
  const { tokens, utterances } = stream
  const [from, to] = [groups[0]?.from ?? 0, groups.at(-1)?.to ?? 0]
  const touched = [...new Set(utterances.slice(from, to))]
  const isWritten = touched.length === 1 && tokens.slice(from, to).every(({ kind }) => kind === 'digits')
  if (isWritten) return []
  return touched.map((utterance, index) => {
    const own = tokens.slice(from, to).filter((_, index) => utterances[from + index] === utterance)
    const words = own.filter((token, index) => !isFiller(token) || index > 0)
    return { utterance, start: words[0]?.start ?? 0, end: words.at(-1)?.end ?? 0, shown: index === touched.length - 1 ? shown : '•••' } // prettier-ignore
  })
}
