import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import prettier from 'prettier'
import { glossaryTable, readGlossary } from './glossary.ts'

// Run: node scripts/lint/writeGlossary.ts. Writes the table of scripts/glossary.json into CONTRIBUTING.md.

export const CONTRIBUTING = path.resolve(import.meta.dirname, '../../CONTRIBUTING.md')
const BLOCK = /(<!-- glossary:begin -->\n)[\s\S]*?(<!-- glossary:end -->)/

/** Returns the text of CONTRIBUTING.md with the glossary's table as it must stand there. */
export async function withGlossary(text: string): Promise<string> {
  const table = glossaryTable(readGlossary())
  const options = await prettier.resolveConfig(CONTRIBUTING)
  return prettier.format(text.replace(BLOCK, `$1\n${table}\n\n$2`), { ...options, parser: 'markdown' })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await writeFile(CONTRIBUTING, await withGlossary(await readFile(CONTRIBUTING, 'utf8')))
