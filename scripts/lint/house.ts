import path from 'node:path'
import { ESLint, type Linter } from 'eslint'
import { root } from './targets.ts'

// Run: npm run lint:house -- [paths]. Prints each violation of the house rules, then one line of counts for
// each top-level folder; ends with 1 when there is one.

const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: path.join(import.meta.dirname, 'house.config.js'),
  errorOnUnmatchedPattern: false,
})
const targets = process.argv.slice(2)
const results = await eslint.lintFiles(targets.length === 0 ? ['.'] : targets)

const counts = new Map<string, Map<string, number>>()
for (const result of results) {
  const file = path.relative(root, result.filePath).replaceAll('\\', '/')
  for (const message of result.messages) printMessage(file, message)
}
for (const [folder, rules] of [...counts].sort())
  process.stdout.write(
    `${folder}: ${[...rules]
      .sort()
      .map(([rule, count]) => `${rule} ${String(count)}`)
      .join(', ')}\n`,
  )
if (counts.size > 0) process.exit(1)
process.stdout.write('The house rules hold.\n')

function printMessage(file: string, message: Linter.LintMessage): void {
  const rule = message.ruleId ?? 'parser'
  process.stdout.write(`${file}:${String(message.line)} ${message.message}\n`)
  const folder = file.includes('/') ? (file.split('/')[0] ?? '') : '(root)'
  const rules = counts.get(folder) ?? new Map<string, number>()
  counts.set(folder, rules.set(rule, (rules.get(rule) ?? 0) + 1))
}
