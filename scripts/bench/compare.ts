// npm run bench:compare -- --old REF: measures an old commit and this tree in turns, and fails when this tree is worse.
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../site/siteState.ts'
import { checkOut, lendBuilt, removeCheckout } from './compare/checkout.ts'
import { COMPARISON_HEAD, comparisonCells, judge, pair, type Judged } from './compare/judge.ts'
import { COMPARED_ROWS, type ComparedRow } from './compare/readMedians.ts'
import { runRow, setUp } from './compare/runRow.ts'
import type { Median } from './row.ts'
import { markdownTable } from './table.ts'

/** Building whisper-server on two cores takes longest. */
const SETUP_LIMIT_MS = 30 * 60_000
/** A whole ingest row of a commit without the option --agents takes four minutes. */
const ROW_LIMIT_MS = 20 * 60_000

const HELP = `npm run bench:compare -- --old REF [--rows ROW,ROW] [--times N] [--agents N] [--out FILE]
  --old     commit, tag or branch; or a folder in which one is checked out
  --rows    ${COMPARED_ROWS.join(', ')} (default: all)
  --times   runs of each commit, in turns (default: 3)
  --agents  largest load of the ingest row (default: 200)
  --out     JSON file with every run (default: build/bench/compare-<date>.json)
Ends with 1 where a median is worse by more than 5 % and outside the old runs' range.`

const { values } = parseArgs({
  options: {
    old: { type: 'string' },
    rows: { type: 'string', default: COMPARED_ROWS.join(',') },
    times: { type: 'string', default: '3' },
    agents: { type: 'string', default: '200' },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const rows = COMPARED_ROWS.filter((row) => values.rows.split(',').includes(row))
const times = Number(values.times)

if (values.help) process.stdout.write(`${HELP}\n`)
else if (values.old === undefined || rows.length < values.rows.split(',').length || !(times >= 1)) {
  process.stderr.write(`${HELP}\n`)
  process.exitCode = 2
} else process.exitCode = await compare(values.old)

async function compare(ref: string): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), '3cx-ninja-compare-'))
  const interrupted = new Promise<never>((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error(`ended by ${signal}`)))
  })
  const isFolder = await stat(ref).then(
    (found) => found.isDirectory(),
    () => false,
  )
  const oldTree = isFolder ? path.resolve(ref) : path.join(folder, 'old')
  try {
    if (!isFolder) await checkOut(root, ref, oldTree)
    return await Promise.race([measureBoth({ folder, oldTree, isLent: !isFolder }), interrupted])
  } catch (error) {
    process.stderr.write(`\n✗ ${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  } finally {
    if (!isFolder) await removeCheckout(root, oldTree).catch(() => undefined) // git refused the commit: there is no worktree
    await rm(folder, { recursive: true, force: true })
  }
}

interface BothNeeds {
  readonly folder: string
  readonly oldTree: string
  readonly isLent: boolean
}

async function measureBoth({ folder, oldTree, isLent }: BothNeeds): Promise<number> {
  report(`load average ${(loadavg()[0] ?? 0).toFixed(2)}; setting the old commit up`)
  if (isLent) await lendBuilt(root, oldTree)
  await setUp(oldTree, SETUP_LIMIT_MS)
  const judged: Judged[] = []
  for (const row of rows) {
    const runs: Record<'old' | 'new', (readonly Median[])[]> = { old: [], new: [] }
    for (let run = 1; run <= times; run++)
      for (const [name, tree] of [['old', oldTree], ['new', root]] as const) {
        report(`${row}: ${name}, run ${run} of ${times}`)
        const out = path.join(folder, `${name}-${row}-${run}.json`)
        runs[name].push(await measureRow(tree, row, out))
      } // prettier-ignore
    judged.push(...pair(row, runs.old, runs.new).map(judge))
  }
  await writeRuns(judged)
  process.stdout.write(`\n${markdownTable(COMPARISON_HEAD, judged.map(comparisonCells))}\n`)
  return judged.some(({ isWorse }) => isWorse) ? 1 : 0
}

function measureRow(tree: string, row: ComparedRow, out: string): Promise<readonly Median[]> {
  return runRow({ tree, row, out, agents: Number(values.agents), limitMs: ROW_LIMIT_MS })
}

async function writeRuns(judged: readonly Judged[]): Promise<void> {
  const date = new Date().toISOString().slice(0, 19).replaceAll(':', '')
  const out = values.out ?? path.join(root, 'build', 'bench', `compare-${date}.json`)
  await mkdir(path.dirname(out), { recursive: true })
  await writeFile(out, `${JSON.stringify(judged, null, 2)}\n`)
}

function report(what: string): void {
  process.stdout.write(`${new Date().toTimeString().slice(0, 8)} ${what}\n`)
}
