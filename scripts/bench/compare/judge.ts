import type { Median } from '../row.ts'
import { summarize } from '../statistics.ts'

/** Tolerated share by which a median may be worse: two runs of one commit differ by up to this as well. */
const TOLERATED = 0.05

/** One metric of one row, measured by each commit several times. */
export interface Compared {
  readonly row: string
  readonly metric: string
  readonly unit: string
  readonly better: 'lower' | 'higher'
  readonly old: readonly number[]
  readonly new: readonly number[]
}

export interface Judged extends Compared {
  readonly oldMedian: number
  readonly newMedian: number
  /** (new − old) / old; infinite where the old median is zero and the new one is not. */
  readonly change: number
  /** Worse by more than 5 % and outside the range of the old runs. */
  readonly isWorse: boolean
}

/** Returns the metrics that all runs of both commits have, paired; a metric that one lacks is omitted. */
export function pair(
  row: string,
  old: readonly (readonly Median[])[],
  now: readonly (readonly Median[])[],
): readonly Compared[] {
  const valuesOf = (runs: readonly (readonly Median[])[], what: string) =>
    runs.flatMap((medians) => medians.filter((one) => one.what === what).map(({ value }) => value))
  return (now[0] ?? []).flatMap(({ what, unit, better }) => {
    const compared = { row, metric: what, unit, better, old: valuesOf(old, what), new: valuesOf(now, what) }
    return compared.old.length === old.length && compared.new.length === now.length ? [compared] : []
  })
}

export function judge(compared: Compared): Judged {
  const [oldMedian, newMedian] = [summarize(compared.old).p50, summarize(compared.new).p50]
  const change = newMedian === oldMedian ? 0 : (newMedian - oldMedian) / oldMedian
  const worse = compared.better === 'lower' ? change : -change
  const isOutside =
    compared.better === 'lower'
      ? newMedian > Math.max(...compared.old)
      : newMedian < Math.min(...compared.old)
  return { ...compared, oldMedian, newMedian, change, isWorse: worse > TOLERATED && isOutside }
}

export const COMPARISON_HEAD = [
  'row',
  'metric',
  'old median (range)',
  'new median (range)',
  'change',
  'verdict',
]

export function comparisonCells(judged: Judged): readonly string[] {
  const { row, metric, unit, oldMedian, newMedian, change, isWorse } = judged
  const cell = (median: number, runs: readonly number[]) =>
    `${figure(median)}${unit === '' ? '' : ` ${unit}`} (${figure(Math.min(...runs))} – ${figure(Math.max(...runs))})`
  const percent = Number.isFinite(change)
    ? `${change > 0 ? '+' : ''}${(change * 100).toFixed(1)} %`
    : 'from 0'
  const verdict = isWorse ? '✗ worse' : '✓'
  return [row, metric, cell(oldMedian, judged.old), cell(newMedian, judged.new), percent, verdict]
}

/** Returns a value with three significant digits, and a count unchanged. */
const figure = (value: number) =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)))
