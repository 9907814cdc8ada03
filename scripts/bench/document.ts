import { readFile, writeFile } from 'node:fs/promises'
import { format, resolveConfig } from 'prettier'
import { QUIET_LOAD, type Machine } from './machine.ts'
import { markdownTable } from './table.ts'
import { tableOf, type Measured } from './tableOf.ts'

export interface Report {
  readonly startedAt: string
  readonly machine: Machine
  readonly rows: readonly Measured[]
}

const BEGIN = '<!-- bench:begin (written by: npm run bench -- --write-docs) -->'
const END = '<!-- bench:end -->'

/** Replaces the marked block of the document by this run's figures and keeps the text around it. */
export async function writeDocument(file: string, report: Report): Promise<void> {
  const text = replaceBlock(await readFile(file, 'utf8'), blockOf(report))
  // Formatted for `npm run check`, which requires aligned tables.
  await writeFile(file, await format(text, { ...(await resolveConfig(file)), filepath: file }))
}

/** Returns the document with its marked block replaced. Throws when the document has no marked block. */
export function replaceBlock(document: string, block: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`The document has no block between ${BEGIN} and ${END}.`)
  return `${document.slice(0, begin + BEGIN.length)}\n\n${block}\n\n${document.slice(end)}`
}

function blockOf({ startedAt, machine, rows }: Report): string {
  const { cores, processor, memoryGiB, system, node, loadAtStart, commit } = machine
  const where = markdownTable(
    ['machine', ''],
    [
      ['cores', `${cores} × ${processor}`],
      ['memory', `${memoryGiB} GiB`],
      ['system', system],
      ['Node', node],
      ['load average at start', loadAtStart.toFixed(2)],
      ['measured', `${startedAt.slice(0, 16).replace('T', ' ')} UTC, commit ${commit}`],
    ],
  )
  const tables = rows.map((row) => {
    const { head, rows: cells } = tableOf(row)
    return `### ${row.title}\n\n${markdownTable(head, cells)}`
  })
  const warning =
    loadAtStart > QUIET_LOAD
      ? [
          '**Other programs were at work on the machine during this run: its times, and the ratios at full load, are worse than the product’s own.**',
        ]
      : []
  return [...warning, where, ...tables].join('\n\n')
}
