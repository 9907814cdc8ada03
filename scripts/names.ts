import { readFileSync } from 'node:fs'
import path from 'node:path'
import { findRefusedNames } from './lint/findRefusedNames.ts'
import { filesOfTree, root, selectedBy } from './lint/targets.ts'

// Run: npm run names -- [paths]. ESLint reads sources only; this holds the glossary for the names of all other
// files and folders, and for the keys and kinds of texts and golden examples in JSON.

const findings = filesOfTree()
  .filter(selectedBy(process.argv.slice(2)))
  .flatMap((file) => findRefusedNames(file, () => readFileSync(path.join(root, file), 'utf8')))
for (const finding of findings) process.stdout.write(`${finding}\n`)
if (findings.length > 0) process.exit(1)
