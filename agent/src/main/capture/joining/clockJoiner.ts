import { RECORD_MS, SAMPLES_PER_RECORD, type Channel } from '@3cx-ninja/protocol'
import type { AudioBlock } from '../sources/audioSource.ts'
import { createChannelTrack } from './channelTrack.ts'
import { joinerTuning, type JoinerTuning } from './tuning.ts'

/** The next piece of the joined recording: a block of both channels, or a gap. */
export type Joined =
  | { readonly kind: 'block'; readonly block: AudioBlock }
  /** Neither source gave anything for this time. */
  | { readonly kind: 'gap'; readonly firstSample: number; readonly samples: number }

/** Joins two feeds with clocks of their own into blocks on one 16 kHz clock; see `createClockJoiner` for the rules. */
export interface ClockJoiner {
  /** Adds 16 kHz mono; `endMs` is the monotonic time at which the last sample was captured, or arrived. */
  push(channel: Channel, samples: Int16Array, endMs: number): void
  /** Starts a new segment: the channel comes from another device or process from here on. */
  restart(channel: Channel): void
  /** Marks the channel's source as gone, so that the other one does not wait for it. */
  markLost(channel: Channel): void
  /** Returns what is complete by now. The owner calls it after each push, and every 100 ms in case a source stopped delivering. */
  advance(nowMs: number): readonly Joined[]
  /** Returns how many samples came too late or too many to be used, since the start. */
  lostSamples(channel: Channel): number
}

/**
 * Joins two sources with clocks of their own on one 16 kHz clock: the monotonic clock of this PC, from `startMs` on. The
 * audio of each is resampled to follow it by at most 0.1 % (inaudible), so that the channels of a long call stay together
 * whatever the crystals of microphone and telephone do. Pure: times come in with the calls, so it knows no timer.
 */
export function createClockJoiner({
  startMs,
  tuning = joinerTuning,
}: {
  readonly startMs: number
  readonly tuning?: JoinerTuning
}): ClockJoiner {
  const tracks = { agent: createChannelTrack(tuning), caller: createChannelTrack(tuning) }
  let blocks = 0

  return {
    push: (channel, samples, endMs) => tracks[channel].push(samples, endMs),
    restart: (channel) => tracks[channel].restart(),
    markLost: (channel) => tracks[channel].markLost(),
    advance(nowMs) {
      const joined: Joined[] = []
      for (;;) {
        const fromMs = startMs + blocks * RECORD_MS
        if (fromMs + RECORD_MS > nowMs) return joined
        // both are checked: each must notice by itself that it is lost
        const ready = [tracks.agent.isReady(fromMs, nowMs), tracks.caller.isReady(fromMs, nowMs)]
        if (ready.includes(false)) return joined
        const agent = tracks.agent.read(fromMs)
        const caller = tracks.caller.read(fromMs)
        const firstSample = blocks * SAMPLES_PER_RECORD
        blocks += 1
        if (agent.hasAudio || caller.hasAudio) {
          const block = { firstSample, agent: agent.samples, caller: caller.samples }
          joined.push({ kind: 'block', block })
          continue
        }
        // After a night of standby, stepping through each block of it would only cost time.
        if (tracks.agent.isLost() && tracks.caller.isLost())
          blocks = Math.max(blocks, Math.floor((nowMs - startMs) / RECORD_MS))
        addGap(joined, firstSample, blocks * SAMPLES_PER_RECORD - firstSample)
      }
    },
    lostSamples: (channel) => tracks[channel].lostSamples(),
  }
}

/** Adds a gap, merged with a gap directly before it. */
function addGap(joined: Joined[], firstSample: number, samples: number): void {
  const last = joined.at(-1)
  if (last?.kind === 'gap') joined[joined.length - 1] = { ...last, samples: last.samples + samples }
  else joined.push({ kind: 'gap', firstSample, samples })
}
