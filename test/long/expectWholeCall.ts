import { CHANNELS } from '@3cx-ninja/protocol'
import { expect } from 'vitest'
import { breaks, channelOffsets, type CountedCall } from './countedCall.ts'

/** Maximum drift between the channels of one call, at any length … */
const MAX_DRIFT_MS = 20
/** … after both clocks are known. Until then, each may be off by up to 20 ms that the start has not corrected yet. */
const MAX_START_MS = 25
const START_SECONDS = 30

/** Expects every second once and in order, on both channels and both disks, without a gap between seconds. */
export function expectWholeCall(call: CountedCall, seconds: number): void {
  expect(call.complaints).toEqual([])
  expect(call.records.filter(({ kind }) => ['gap', 'pause'].includes(kind))).toEqual([])
  expect(call.records.at(-1)?.kind).toBe('sealed')
  expect(call.records).toEqual(call.agentRecords)
  const all = Array.from({ length: seconds }, (_, number) => number)
  for (const channel of CHANNELS) {
    expect(breaks(call, channel), channel).toEqual([])
    expect(
      call.recorded[channel].seconds.map(({ number }) => number),
      channel,
    ).toEqual(all)
    expect(call.recorded[channel].holesMs, channel).toEqual([])
  }
  const offsets = channelOffsets(call)
  expect(spread(offsets)).toBeLessThan(MAX_START_MS)
  if (seconds > START_SECONDS) expect(spread(offsets.slice(START_SECONDS))).toBeLessThan(MAX_DRIFT_MS)
}

const spread = (values: readonly number[]) => Math.max(...values) - Math.min(...values)
