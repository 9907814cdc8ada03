/** A file of the tree: its path from the root, and its text. */
export interface IndexedFile {
  readonly path: string
  readonly text: string
}
export interface RuleIndex {
  /** docs/rules.md as Markdown, not yet formatted by prettier. */
  readonly page: string
  /** Citations of rules that PROTOCOL.md does not have: `path: rule`. */
  readonly unknown: readonly string[]
}

const INTRODUCTION = `# Rules of the protocol, where they are built and what shows them

Written by \`npm run rules\` from the rules of [PROTOCOL.md](../protocol/PROTOCOL.md) and from the files that cite them: a source by \`[W3]\` or \`Rule W3\` in a comment, a test by \`[W3]\` in its name. \`npm run check\` fails when this page is stale.
`

/** Returns the rules that a text cites: \`[W3]\`, and \`Rule W3\`, \`Rules W2 to W4, W8 and W9\`. */
export function citedRules(text: string): string[] {
  const inBrackets = [...text.matchAll(/\[([A-Z]\d{1,2})\]/g)].map(([, rule]) => rule ?? '')
  const inWords = [...text.matchAll(/\b[Rr]ules? ([A-Z]\d{1,2}(?:(?:,| and| or| to|, and) [A-Z]\d{1,2})*)/g)]
  return [...new Set([...inBrackets, ...inWords.flatMap(([, list]) => rulesOfList(list ?? ''))])]
}

function rulesOfList(list: string): string[] {
  const ranges = list.replace(/([A-Z])(\d+) to \1(\d+)/g, (_all, section: string, from: string, to: string) =>
    Array.from(
      { length: Number(to) - Number(from) + 1 },
      (_, n) => `${section}${String(Number(from) + n)}`,
    ).join(' '),
  )
  return ranges.match(/[A-Z]\d+/g) ?? []
}

/** Returns the index of the rules of PROTOCOL.md over these files. */
export function indexRules(protocol: string, files: readonly IndexedFile[]): RuleIndex {
  const sections = sectionsOf(protocol)
  const rules = new Set(sections.flatMap((section) => section.rules))
  const citations = files.map(({ path, text }) => ({ path, cited: citedRules(text) }))
  const citing = (rule: string, isOfKind: (path: string) => boolean) =>
    citations.filter(({ path, cited }) => cited.includes(rule) && isOfKind(path)).map(({ path }) => path)
  const body = sections.map(({ title, rules: numbers }) => {
    const entries = numbers.map(
      (rule) =>
        `### ${rule}\n\n- built in: ${listed(citing(rule, isSource))}\n- shown by: ${listed(citing(rule, isTest))}\n`,
    )
    return `## ${title}\n\n${entries.join('\n')}`
  })
  // A letter that is no section of the page belongs to another list: '[A1]' is a point of the tickets' faults.
  const letters = new Set([...rules].map((rule) => rule.charAt(0)))
  const unknown = citations.flatMap(({ path, cited }) =>
    cited.filter((rule) => letters.has(rule.charAt(0)) && !rules.has(rule)).map((rule) => `${path}: ${rule}`),
  )
  return { page: `${INTRODUCTION}\n${body.join('\n')}`, unknown }
}

/** The sections of PROTOCOL.md that have numbered rules. */
function sectionsOf(protocol: string): { title: string; rules: string[] }[] {
  return protocol
    .split(/^## /m)
    .map((text) => ({
      title: text.split('\n', 1)[0] ?? '',
      rules: [...text.matchAll(/^- \*\*\[([A-Z]\d+)\]/gm)].map(([, rule]) => rule ?? ''),
    }))
    .filter(({ rules }) => rules.length > 0)
}

function isTest(path: string): boolean {
  return /\.(test|long)\.tsx?$/.test(path)
}

/** Returns whether a file is shipped source: neither a test nor a part of `testing/`. */
function isSource(path: string): boolean {
  return !/(^|\/)(test|testing)\//.test(path)
}

function listed(paths: readonly string[]): string {
  return paths.length === 0 ? 'cited nowhere' : paths.map((path) => `\`${path}\``).join(', ')
}
