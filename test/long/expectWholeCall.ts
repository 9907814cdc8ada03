import { CHANNELS } from '@3cx-ninja/protocol'
import { expect } from 'vitest'
import { breaks, channelOffsets, type CountedCall } from './countedCall.ts'

/** How far the channels of one call may move against each other, whatever its length … */
const MAX_DRIFT_MS = 20
/** … once both clocks are known. Before, each may be wrong by what is not yet worked off fast (20 ms), which takes so long. */
const MAX_START_MS = 25
const START_SECONDS = 30

/** Every second once, in order, on both channels, on both disks; nothing between them missing. */
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
