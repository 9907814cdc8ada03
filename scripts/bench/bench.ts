// npm run bench: measures the product and its baselines on this machine, prints a table and writes JSON.
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../site/siteState.ts'
import { writeDocument } from './document.ts'
import { endChildren } from './endChildren.ts'
import { QUIET_LOAD, describeMachine, type Machine } from './machine.ts'
import { measureRows } from './measureRows.ts'
import type { Row } from './row.ts'
import { capture } from './rows/capture.ts'
import { hubStart } from './rows/hubStart.ts'
import { MIN_AGENTS, ingest } from './rows/ingest.ts'
import { live } from './rows/live.ts'
import { long } from './rows/long.ts'
import { tableOf } from './tableOf.ts'
import { terminalTable } from './table.ts'

/** The longest row comes last, so that an interrupted run has measured the most rows. */
const ROWS: readonly Row[] = [hubStart, capture, live, ingest, long]

/** The longest row takes under ten minutes on four cores; a row that takes four times as long has failed. */
const ROW_LIMIT_MS = 40 * 60_000

const HELP = `npm run bench -- [--only ROW,ROW] [--agents N] [--out FILE] [--write-docs]
  --only        ${ROWS.map(({ name }) => name).join(', ')}
  --agents      only the ingest loads of up to so many agents (200 or 1000)
  --out         JSON file (default: build/bench/<date>.json)
  --write-docs  put the table into docs/performance.md`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    agents: { type: 'string' },
    out: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void endChildren().finally(() => process.exit(130)))

if (values.help) process.stdout.write(`${HELP}\n`)
// Exits without waiting for the open handles of a failed row: a part that cannot start must end the bench.
else process.exit(await run())

async function run(): Promise<number> {
  const wanted = values.only?.split(',') ?? ROWS.map(({ name }) => name)
  const refusal = refusalOf(wanted)
  if (refusal !== undefined) {
    process.stderr.write(`${refusal}\n${HELP}\n`)
    return 2
  }
  const machine = await describeMachine(root)
  reportMachine(machine)
  const startedAt = new Date().toISOString()
  const { measured, failed } = await measureRows({
    rows: ROWS.filter(({ name }) => wanted.includes(name)),
    rowLimitMs: ROW_LIMIT_MS,
    ...(values.agents === undefined ? {} : { agents: Number(values.agents) }),
    onFailure: (report) => void process.stderr.write(`\n${report}\n`),
  })
  const report = { startedAt, machine, failed, rows: measured }
  const out =
    values.out ?? path.join(root, 'build', 'bench', `${startedAt.slice(0, 19).replaceAll(':', '')}.json`)
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

/** Returns the reason why these options cannot be measured, or undefined. */
function refusalOf(wanted: readonly string[]): string | undefined {
  const unknown = wanted.find((name) => !ROWS.some((row) => row.name === name))
  if (unknown !== undefined) return `There is no row '${unknown}'.`
  if (values.agents !== undefined && !(Number(values.agents) >= MIN_AGENTS))
    return `--agents is a number, ${MIN_AGENTS} at least.`
  if (values['write-docs'] && (values.only !== undefined || values.agents !== undefined))
    return 'The page shows one whole run: omit --only and --agents.'
  return undefined
}

function reportMachine({ cores, processor, memoryGiB, node, loadAtStart }: Machine): void {
  process.stdout.write(`${cores} cores, ${processor}, ${memoryGiB} GiB, Node ${node}\n`)
  if (loadAtStart > QUIET_LOAD)
    process.stdout.write(
      `! Load average ${loadAtStart.toFixed(1)}: other programs take part in these figures. Measure again on a quiet machine.\n`,
    )
}
