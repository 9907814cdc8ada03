import { readGlossary, refusedWord } from './glossary.ts'

const glossary = readGlossary()

/** JSON whose keys and kinds are names of ours. */
const NAMED_JSON = /(^|\/)i18n\/[^/]+\.json$|^protocol\/.*\.json$/
const SOURCE = /\.(tsx?|[mc]?js)$/

/** Returns what the glossary refuses in a file's path, and in its keys and kinds where it is such JSON. */
export function findRefusedNames(file: string, read: () => string): string[] {
  if (SOURCE.test(file)) return []
  const names = [...file.split('/'), ...(NAMED_JSON.test(file) ? namesInJson(JSON.parse(read())) : [])]
  return [...new Set(names)].flatMap((name) => {
    const refused = refusedWord(glossary, name, file)
    return refused === undefined ? [] : [`${file} '${refused.word}' in '${name}': use ${refused.replacement}`]
  })
}

function namesInJson(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesInJson)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => [
    // a sentence as key (a table of test cases) is no name
    ...(key.includes(' ') ? [] : [key]),
    ...(['kind', 'at', 'reason'].includes(key) && typeof inner === 'string' ? [inner] : namesInJson(inner)),
  ])
}
