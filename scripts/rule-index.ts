import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import prettier from 'prettier'
import { filesOfTree, root } from './lint/targets.ts'
import { indexRules } from './rules/indexRules.ts'

// Run: npm run rules. Writes docs/rules.md: each rule of PROTOCOL.md, the sources and the tests that cite it.
// With --check it writes nothing and ends with 1 when the page is stale. A citation of a rule that is not there
// ends with 1 in both.

const PAGE = path.join(root, 'docs/rules.md')
const INDEXED = /^(protocol|phone-numbers|recording-log|node-kit|hub|worker|agent|tv|test)\/.*\.tsx?$/

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')
const files = filesOfTree().filter((file) => INDEXED.test(file))
const index = indexRules(
  read('protocol/PROTOCOL.md'),
  files.map((file) => ({ path: file, text: read(file) })),
)
const page = await prettier.format(index.page, {
  ...(await prettier.resolveConfig(PAGE)),
  parser: 'markdown',
})

for (const citation of index.unknown) process.stdout.write(`${citation} is no rule of PROTOCOL.md\n`)
const isStale = !existsSync(PAGE) || readFileSync(PAGE, 'utf8') !== page
if (!process.argv.includes('--check')) writeFileSync(PAGE, page)
else if (isStale) process.stdout.write('docs/rules.md is stale: npm run rules\n')
if (index.unknown.length > 0 || (isStale && process.argv.includes('--check'))) process.exit(1)
