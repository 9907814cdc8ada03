import { bytesOf } from './fuzzTarget.ts'

export type Random = () => number

/** Numbers at which parsers break: around powers of two, and the largest of each width. */
const EDGES = [0, 1, 2, 15, 16, 31, 63, 64, 65, 127, 128, 254, 255]
const NUMBERS = [
  '-1',
  '0',
  '1e400',
  '-0',
  '9007199254740993',
  '8640000000000001',
  '-62135596800000',
  '0.1',
  '1e-7',
]
const MAX_STEPS = 4
/** Longer inputs reach nothing new here and are slow. */
const MAX_BYTES = 65_536

const pick = <Item>(random: Random, items: readonly Item[]): Item | undefined =>
  items[Math.floor(random() * items.length)]
const below = (random: Random, end: number) => Math.floor(random() * end)

/** Returns an input changed in one to four ways: bits, bytes, edges, words of the grammar, stretches cut, doubled or spliced in. */
export function mutate(
  random: Random,
  input: Uint8Array,
  of: { readonly corpus: readonly Uint8Array[]; readonly dictionary: readonly string[] },
): Uint8Array {
  let changed = Uint8Array.from(input)
  for (let steps = 1 + below(random, MAX_STEPS); steps > 0; steps--) changed = step(random, changed, of)
  return changed.subarray(0, MAX_BYTES)
}

function step(
  random: Random,
  bytes: Uint8Array,
  { corpus, dictionary }: Parameters<typeof mutate>[2],
): Uint8Array<ArrayBuffer> {
  const at = below(random, bytes.length + 1)
  const end = Math.min(bytes.length, at + 1 + below(random, 1 + below(random, 64)))
  const changed = Uint8Array.from(bytes)
  switch (below(random, 9)) {
    case 0:
      if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ (1 << below(random, 8))
      return changed
    case 1:
      if (at < changed.length) changed[at] = below(random, 256)
      return changed
    case 2:
      if (at < changed.length) changed[at] = pick(random, EDGES) ?? 0
      return changed
    case 3:
      return replace(bytes, at, end, new Uint8Array())
    case 4:
      return replace(bytes, at, at, bytes.subarray(at, end))
    case 5:
      return replace(bytes, at, random() < 0.5 ? at : end, bytesOf(pick(random, dictionary) ?? ''))
    case 6:
      return replace(bytes, ...numberIn(bytes, at), bytesOf(pick(random, NUMBERS) ?? '0'))
    case 7:
      return splice(random, bytes, at, pick(random, corpus) ?? bytes)
    default:
      return replace(
        bytes,
        at,
        end,
        Uint8Array.from({ length: end - at }, () => below(random, 256)),
      )
  }
}

function replace(bytes: Uint8Array, from: number, to: number, by: Uint8Array): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(bytes.length - (to - from) + by.length)
  result.set(bytes.subarray(0, from))
  result.set(by, from)
  result.set(bytes.subarray(to), from + by.length)
  return result
}

/** The beginning of one input with the end of another. */
function splice(random: Random, bytes: Uint8Array, at: number, other: Uint8Array): Uint8Array<ArrayBuffer> {
  return replace(bytes, at, bytes.length, other.subarray(below(random, other.length + 1)))
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 48 && byte <= 57

/** Returns where the first run of digits at or after this byte begins and ends. */
function numberIn(bytes: Uint8Array, at: number): [from: number, to: number] {
  let from = at
  while (from < bytes.length && !isDigit(bytes[from])) from++
  let to = from
  while (isDigit(bytes[to])) to++
  return [from, to]
}
