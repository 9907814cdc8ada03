/** Met, missed, or measured without a target. */
export type Verdict = 'met' | 'missed' | 'none'

/** One line of the table, formatted for readers. */
export interface Line {
  readonly what: string
  /** The number of measurements: a p95 of three is the largest of three. */
  readonly n: number
  readonly measured: string
  readonly baseline?: string
  readonly ratio?: string
  readonly target?: string
  readonly verdict: Verdict
}

/** One figure by which compare.ts compares two commits. */
export interface Median {
  readonly what: string
  readonly unit: string
  readonly value: number
  readonly better: 'lower' | 'higher'
}

export interface RowResult {
  readonly lines: readonly Line[]
  readonly medians: readonly Median[]
  /** The same figures as numbers, and more of them, for the JSON file. */
  readonly figures: unknown
}

export interface RowNeeds {
  /** A fresh, empty folder, deleted after the row. */
  readonly folder: string
  /** Limits the ingest row to loads of up to this many agents; undefined means all loads. */
  readonly agents?: number
  /** Reports progress: a percentage from 0 to 100 and the current step. */
  readonly onProgress: (percent: number, doing: string) => void
}

/** One subject of the benchmark, which can run alone. */
export interface Row {
  readonly name: string
  readonly title: string
  run(needs: RowNeeds): Promise<RowResult>
}

export const verdictOf = (met: boolean): Verdict => (met ? 'met' : 'missed')

export const ms = (value: number): string =>
  value >= 10_000
    ? `${(value / 1_000).toFixed(1)} s`
    : `${value < 100 ? value.toFixed(1) : value.toFixed(0)} ms`
export const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 2 : 0)}×`
