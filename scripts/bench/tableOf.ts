import type { RowResult, Verdict } from './row.ts'

/** A row that was measured. */
export interface Measured extends RowResult {
  readonly name: string
  readonly title: string
}

const SIGNS: Readonly<Record<Verdict, string>> = { met: '✓', missed: '✗ missed', none: '' }

/** Returns the cells of a row's lines without empty columns. */
export function tableOf({ lines }: Pick<Measured, 'lines'>): {
  head: readonly string[]
  rows: readonly (readonly string[])[]
} {
  const head = ['what', 'n', 'measured', 'baseline', 'ratio', 'target', '']
  const rows = lines.map(({ what, n, measured, baseline = '', ratio = '', target = '', verdict }) => [
    what,
    String(n),
    measured,
    baseline,
    ratio,
    target,
    SIGNS[verdict],
  ])
  const used = head.map((_, column) => rows.some((row) => row[column] !== ''))
  const keep = (row: readonly string[]) => row.filter((_, column) => used[column])
  return { head: keep(head), rows: rows.map(keep) }
}
