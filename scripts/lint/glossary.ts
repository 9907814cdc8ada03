import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { splitWords } from './splitWords.ts'

const entrySchema = z.strictObject({
  words: z.array(z.string().regex(/^[a-z]+$/)).min(1),
  /** The word to use instead. */
  replacement: z.string(),
  /** The contexts in which the word is right, for the reader of CONTRIBUTING. */
  rightIn: z.string().optional(),
  /** The word is refused in paths that begin so; without it, everywhere. */
  where: z.array(z.string()).optional(),
  /** `whole`: refused only where it is the whole name. */
  position: z.literal('whole').optional(),
  /** Refused only where the next word of the name is one of these. */
  followedBy: z.array(z.string()).optional(),
  /** Right or wrong by meaning, which only a reader can judge; stands in the table, is not checked. */
  unchecked: z.literal(true).optional(),
})
export type GlossaryEntry = z.infer<typeof entrySchema>

export interface RefusedWord {
  readonly word: string
  readonly replacement: string
}

/** Returns the glossary of `scripts/glossary.json`; throws when an entry does not have its shape. */
export function readGlossary(): GlossaryEntry[] {
  const file = path.resolve(import.meta.dirname, '../glossary.json')
  return z.array(entrySchema).parse(JSON.parse(readFileSync(file, 'utf8')))
}

/** Returns the first word of a name that the glossary refuses in that file (a path from the root), or undefined. */
export function refusedWord(
  glossary: readonly GlossaryEntry[],
  name: string,
  file: string,
): RefusedWord | undefined {
  const words = splitWords(name)
  for (const entry of glossary) {
    const word = words.find((candidate, index) => isRefused(entry, candidate, words, index, file))
    if (word !== undefined) return { word, replacement: entry.replacement }
  }
  return undefined
}

function isRefused(
  entry: GlossaryEntry,
  word: string,
  words: readonly string[],
  index: number,
  file: string,
): boolean {
  if (entry.unchecked === true || !entry.words.includes(word)) return false
  if (entry.where !== undefined && !entry.where.some((start) => file.startsWith(start))) return false
  if (entry.position === 'whole' && words.length > 1) return false
  return entry.followedBy === undefined || entry.followedBy.includes(words[index + 1] ?? '')
}

/** Returns the table of CONTRIBUTING, as Markdown that prettier has still to align. */
export function glossaryTable(glossary: readonly GlossaryEntry[]): string {
  const rows = glossary.map((entry) => {
    const next = entry.followedBy === undefined ? '' : ` before ${entry.followedBy.join(', ')}`
    const scope = [
      entry.unchecked === true ? 'by meaning (not checked)' : undefined,
      entry.position === 'whole' ? 'as the whole name' : undefined,
      entry.where === undefined ? undefined : `in ${entry.where.map((start) => `\`${start}\``).join(', ')}`,
    ].filter((part) => part !== undefined)
    const refused = scope.length === 0 ? 'everywhere' : scope.join(', ')
    return `| ${entry.words.join(', ')}${next} | ${entry.replacement} | ${refused} | ${entry.rightIn ?? ''} |`
  })
  return ['| not | but | refused | right in |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
