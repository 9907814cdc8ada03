/** Samples per value of a low band: 2 kHz, which holds the voice's pitch and first formant. */
export const LOW_BAND_STEP = 8

/** Audio below 1 kHz, one value per 8 samples; `first` is the number of the first value on the part's clock. */
export interface LowBand {
  readonly first: number
  readonly values: Float32Array
}

export function lowBandOf(fromSample: number, samples: Int16Array): LowBand {
  const first = Math.floor(fromSample / LOW_BAND_STEP)
  const values = new Float32Array(Math.ceil((fromSample + samples.length) / LOW_BAND_STEP) - first)
  samples.forEach((sample, index) => {
    const at = Math.floor((fromSample + index) / LOW_BAND_STEP) - first
    values[at] = (values[at] ?? 0) + sample / LOW_BAND_STEP
  })
  return { first, values }
}

/** The last seconds of one channel's low band. */
export interface RecentSound {
  add(firstSample: number, samples: Int16Array): void
  /** Returns the values from `first` on; values that are not kept are silence. */
  from(first: number, length: number): Float32Array
}

export function createRecentSound(seconds: number): RecentSound {
  const ring = new Float32Array((seconds * 16_000) / LOW_BAND_STEP)
  const indexOf = (at: number) => at % ring.length
  /** Values before this one are written or skipped. */
  let head: number | undefined
  return {
    add(firstSample, samples) {
      const { first, values } = lowBandOf(firstSample, samples)
      head ??= first
      for (let at = Math.max(head, first - ring.length); at < first + values.length; at++)
        ring[indexOf(at)] = 0
      // Two segments may share a value: hence the sum.
      values.forEach(
        (value, index) => (ring[indexOf(first + index)] = (ring[indexOf(first + index)] ?? 0) + value),
      )
      head = Math.max(head, first + values.length)
    },
    from(first, length) {
      const values = new Float32Array(length)
      for (let index = 0; index < length; index++) {
        const at = first + index
        if (head !== undefined && at >= 0 && at < head && at >= head - ring.length)
          values[index] = ring[indexOf(at)] ?? 0
      }
      return values
    },
  }
}

/** Returns the root mean square of the values. */
export function levelOf(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / Math.max(1, values.length))
}
