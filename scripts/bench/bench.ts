// npm run bench: measures the product beside what it is compared with, on this machine, prints a table and writes JSON.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../site/site.ts'
import { showProgress } from '../setup/progress.ts'
import { writeDocument } from './document.ts'
import { endChildren } from './endChildren.ts'
import { QUIET_LOAD, describeMachine, type Machine } from './machine.ts'
import type { Row } from './row.ts'
import { capture } from './rows/capture.ts'
import { hubStart } from './rows/hubStart.ts'
import { ingest } from './rows/ingest.ts'
import { live } from './rows/live.ts'
import { long } from './rows/long.ts'
import { tableOf, type Measured } from './tableOf.ts'
import { terminalTable } from './table.ts'

/** Longest last, so that a run that is cut short has measured the most. */
const ROWS: readonly Row[] = [hubStart, capture, live, ingest, long]

const HELP = `npm run bench -- [--only ROW,ROW] [--out FILE] [--write-docs]
  --only        ${ROWS.map(({ name }) => name).join(', ')}
  --out         JSON file (default: build/bench/<date>.json)
  --write-docs  put the table into docs/performance.md`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    out: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void endChildren().finally(() => process.exit(130)))

if (values.help) process.stdout.write(`${HELP}\n`)
else process.exitCode = await run()

async function run(): Promise<number> {
  const wanted = values.only?.split(',') ?? ROWS.map(({ name }) => name)
  const unknown = wanted.find((name) => !ROWS.some((row) => row.name === name))
  if (unknown !== undefined) {
    process.stderr.write(`There is no row '${unknown}'.\n${HELP}\n`)
    return 2
  }
  if (values['write-docs'] && values.only !== undefined) {
    process.stderr.write('The page shows one whole run: leave --only out.\n')
    return 2
  }
  const machine = await describeMachine(root)
  tellMachine(machine)
  const startedAt = new Date()
  const measured: Measured[] = []
  const failed: string[] = []
  for (const row of ROWS.filter(({ name }) => wanted.includes(name))) {
    try {
      measured.push(await measure(row))
    } catch (error) {
      failed.push(row.name)
      process.stderr.write(`\n✗ ${row.title}: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }
  const report = { startedAt: startedAt.toISOString(), machine, failed, rows: measured }
  const out =
    values.out ??
    path.join(root, 'build', 'bench', `${report.startedAt.slice(0, 19).replaceAll(':', '')}.json`)
  await mkdir(path.dirname(out), { recursive: true })
  await writeFile(out, `${JSON.stringify(report, null, 2)}\n`)
  for (const one of measured) {
    const { head, rows } = tableOf(one)
    process.stdout.write(`\n${one.title}\n\n${terminalTable(head, rows)}\n`)
  }
  process.stdout.write(`\n${path.relative(process.cwd(), out)}\n`)
  if (values['write-docs'] && failed.length === 0)
    await writeDocument(path.join(root, 'docs', 'performance.md'), report)
  return failed.length > 0 ? 1 : 0
}

async function measure(row: Row): Promise<Measured> {
  const folder = await mkdtemp(path.join(tmpdir(), '3cx-ninja-bench-'))
  const progress = showProgress(row.title)
  const { lines, figures } = await row
    .run({
      folder,
      onProgress: (percent, doing) => progress.percent(percent, doing),
    })
    .catch((error: unknown) => {
      throw new Error(
        `${error instanceof Error ? error.message : String(error)} (logs: ${path.join(folder, 'logs')})`,
        {
          cause: error,
        },
      )
    })
  progress.done()
  await rm(folder, { recursive: true, force: true })
  return { name: row.name, title: row.title, lines, figures }
}

function tellMachine({ cores, processor, memoryGiB, node, loadAtStart }: Machine): void {
  process.stdout.write(`${cores} cores, ${processor}, ${memoryGiB} GiB, Node ${node}\n`)
  if (loadAtStart > QUIET_LOAD)
    process.stdout.write(
      `! Load average ${loadAtStart.toFixed(1)}: other programs take part in these figures. Measure again on a quiet machine.\n`,
    )
}
