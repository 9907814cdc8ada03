import { readFileSync } from 'node:fs'
import path from 'node:path'
import { findGaps } from './contracts/findGaps.ts'
import { needsContracts } from './contracts/scope.ts'
import { filesOfTree, root, selectedBy } from './lint/targets.ts'

// Run: npm run contracts -- [paths]. Prints each symbol of an edge or a port whose contract comment is missing
// or says too little, then the totals of each folder; ends with 1 when there is one.

const totals = new Map<string, { symbols: number; gaps: number }>()
for (const file of filesOfTree()
  .filter(needsContracts)
  .filter(selectedBy(process.argv.slice(2)))) {
  const { symbols, gaps } = findGaps(file, readFileSync(path.join(root, file), 'utf8'))
  for (const { line, symbol, reason } of gaps)
    process.stdout.write(`${file}:${String(line)} ${symbol} ${reason}\n`)
  const folder = path.posix.dirname(file).split('/').slice(0, 4).join('/')
  const total = totals.get(folder) ?? { symbols: 0, gaps: 0 }
  totals.set(folder, { symbols: total.symbols + symbols, gaps: total.gaps + gaps.length })
}
for (const [folder, { symbols, gaps }] of totals)
  process.stdout.write(`${folder}: ${String(gaps)} of ${String(symbols)} without a contract\n`)
if ([...totals.values()].some(({ gaps }) => gaps > 0)) process.exit(1)
