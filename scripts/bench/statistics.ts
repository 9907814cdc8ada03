/** Summary of a sample of durations. Percentiles use the nearest rank, so each is a measured value. */
export interface Summary {
  readonly n: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}

/** Durations in classes of equal width, so that processes can send each other 100,000 of them. */
export interface Histogram {
  add(ms: number): void
  /** Returns the non-empty classes as [class, count]. */
  counts(): readonly (readonly [number, number])[]
}

/** A fine class width for the comparison: relays answer within milliseconds. */
const CLASS_MS = 0.05

export function createHistogram(): Histogram {
  const counts = new Map<number, number>()
  return {
    add(ms) {
      const index = Math.max(0, Math.floor(ms / CLASS_MS))
      counts.set(index, (counts.get(index) ?? 0) + 1)
    },
    counts: () => [...counts],
  }
}

/** Returns the summary of several histograms; each percentile is the upper edge of its class, so it never flatters. */
export function summarizeCounts(histograms: readonly (readonly (readonly [number, number])[])[]): Summary {
  const merged = new Map<number, number>()
  for (const [index, count] of histograms.flat()) merged.set(index, (merged.get(index) ?? 0) + count)
  const sorted = [...merged].sort(([a], [b]) => a - b)
  const n = sorted.reduce((sum, [, count]) => sum + count, 0)
  const at = (share: number) => {
    let left = Math.max(1, Math.ceil(share * n))
    for (const [index, count] of sorted) {
      left -= count
      if (left <= 0) return (index + 1) * CLASS_MS
    }
    return Number.NaN
  }
  return { n, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}
