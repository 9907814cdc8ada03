import {
  CHANNELS,
  MINUTE_MS,
  RECORD_MS,
  SAMPLES_PER_RECORD,
  type Channel,
  type Clock,
} from '@3cx-ninja/protocol'
import type { AudioListener, AudioSource } from '../sources/audioSource.ts'
import type { ChannelDevice, ChannelFeed, FeedListener } from '../sources/channelFeed.ts'
import { createClockJoiner, type ClockJoiner } from './clockJoiner.ts'

/** The two feeds, the clock and the error callback from which one audio source is joined. */
export interface JoinedSourceNeeds {
  readonly name: string
  readonly feeds: Readonly<Record<Channel, ChannelFeed>>
  readonly clock: Clock
  /** Called with cause and remedy of a channel's failure, once a minute for the same message; the source itself retries. */
  readonly onUserError: (channel: Channel, error: Error) => void
  /** Called with the device of each channel, without a channel that is lost. For the screen. */
  readonly onDevices?: (devices: Partial<Record<Channel, ChannelDevice>>) => void
}

interface Joining {
  readonly needs: JoinedSourceNeeds
  readonly listener: AudioListener
  readonly joiner: ClockJoiner
  readonly devices: Map<Channel, ChannelDevice>
  /** The last error of each channel, kept over restarts of the source. */
  readonly reported: Map<Channel, { readonly message: string; readonly atMs: number }>
  /** First sample after what was passed on. */
  endSample: number
  isStopped: boolean
  cancelTick: () => void
}

/**
 * Returns a source of microphone and telephone, each from its own feed, on one 16 kHz clock. A feed that is lost is silence;
 * the other one goes on. Knows nothing of how a feed gets its audio and heals: `ChannelFeed` hides that.
 */
export function createJoinedSource(needs: JoinedSourceNeeds): AudioSource {
  const reported: Joining['reported'] = new Map()
  return {
    name: needs.name,
    start(listener) {
      const joining: Joining = {
        needs,
        listener,
        joiner: createClockJoiner({ startMs: needs.clock.monotonicMs() }),
        devices: new Map(),
        reported,
        endSample: 0,
        isStopped: false,
        cancelTick: () => undefined,
      }
      scheduleTick(joining)
      const running = CHANNELS.map((channel) => needs.feeds[channel].start(feedListener(joining, channel)))
      return {
        async stop() {
          joining.isStopped = true
          joining.cancelTick()
          await Promise.all(running.map((feed) => feed.stop()))
        },
      }
    },
  }
}

/** A source that stopped delivering never calls back, so the joiner is also advanced by the clock. */
function scheduleTick(joining: Joining): void {
  joining.cancelTick = joining.needs.clock.after(RECORD_MS, () => {
    passOn(joining)
    scheduleTick(joining)
  })
}

function passOn(joining: Joining): void {
  const { joiner, listener, needs } = joining
  for (const joined of joiner.advance(needs.clock.monotonicMs())) {
    if (joined.kind === 'block') {
      joining.endSample = joined.block.firstSample + SAMPLES_PER_RECORD
      listener.block(joined.block)
    } else {
      joining.endSample = joined.firstSample + joined.samples
      listener.gap(joined)
    }
  }
}

function feedListener(joining: Joining, channel: Channel): FeedListener {
  const { joiner, listener, devices } = joining
  const publishDevices = () => joining.needs.onDevices?.(Object.fromEntries(devices))
  return {
    sound(samples, endMs) {
      if (joining.isStopped) return
      joiner.push(channel, samples, endMs)
      passOn(joining)
    },
    restarted() {
      if (!joining.isStopped) joiner.restart(channel)
    },
    device(device) {
      if (joining.isStopped) return
      devices.set(channel, device)
      publishDevices()
      listener.deviceChange({ channel, label: device.label, firstSample: joining.endSample })
    },
    lost(error) {
      if (joining.isStopped) return
      joiner.markLost(channel)
      devices.delete(channel)
      publishDevices()
      reportError(joining, channel, error)
    },
    degraded(error) {
      if (!joining.isStopped) reportError(joining, channel, error)
    },
  }
}

function reportError({ needs, reported }: Joining, channel: Channel, error: Error): void {
  const last = reported.get(channel)
  const atMs = needs.clock.monotonicMs()
  if (last?.message === error.message && atMs - last.atMs < MINUTE_MS) return
  reported.set(channel, { message: error.message, atMs })
  needs.onUserError(channel, error)
}
