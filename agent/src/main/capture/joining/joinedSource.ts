import {
  CHANNELS,
  MINUTE_MS,
  SAMPLES_PER_RECORD,
  SAMPLE_RATE_HZ,
  type Channel,
  type Clock,
} from '@3cx-ninja/protocol'
import type { AudioListener, AudioSource } from '../sources/audioSource.ts'
import type { ChannelDevice, ChannelFeed } from '../sources/channelFeed.ts'
import { createClockJoiner } from './clockJoiner.ts'

export interface JoinedSourceNeeds {
  readonly name: string
  readonly feeds: Readonly<Record<Channel, ChannelFeed>>
  readonly clock: Clock
  /** Cause and remedy, once per trouble; the source itself goes on trying. */
  readonly onUserError: (channel: Channel, trouble: Error) => void
  /** What each channel is heard from now; nothing for a channel that is not heard. For the screen. */
  readonly onDevices?: (devices: Partial<Record<Channel, ChannelDevice>>) => void
}

const BLOCK_MS = (SAMPLES_PER_RECORD / SAMPLE_RATE_HZ) * 1_000

/** Microphone and telephone, each from its own feed, on one 16 kHz clock. A feed that is lost is silence; the other goes on. */
export function createJoinedSource(needs: JoinedSourceNeeds): AudioSource {
  const { clock } = needs
  /** The last trouble of each, so that one that comes again and again, also over restarts, is told once a minute. */
  const told = new Map<Channel, { readonly message: string; readonly atMs: number }>()
  return {
    name: needs.name,
    start(listener: AudioListener) {
      const joiner = createClockJoiner({ startMs: clock.monotonicMs() })
      const devices = new Map<Channel, ChannelDevice>()
      let samples = 0
      let isStopped = false
      let cancel: () => void = () => undefined

      const give = () => {
        for (const joined of joiner.advance(clock.monotonicMs())) {
          if (joined.kind === 'block') {
            samples = joined.block.firstSample + SAMPLES_PER_RECORD
            listener.block(joined.block)
          } else {
            samples = joined.firstSample + joined.samples
            listener.gap(joined)
          }
        }
      }
      /** A source that has fallen silent calls nobody: look by ourselves. */
      const beat = () => {
        give()
        cancel = clock.after(BLOCK_MS, beat)
      }
      cancel = clock.after(BLOCK_MS, beat)

      const tell = (channel: Channel, error: Error) => {
        const last = told.get(channel)
        const atMs = clock.monotonicMs()
        if (last?.message === error.message && atMs - last.atMs < MINUTE_MS) return
        told.set(channel, { message: error.message, atMs })
        needs.onUserError(channel, error)
      }
      const running = CHANNELS.map((channel) =>
        needs.feeds[channel].start({
          sound(pcm, endMs) {
            if (isStopped) return
            joiner.push(channel, pcm, endMs)
            give()
          },
          restarted() {
            if (!isStopped) joiner.restart(channel)
          },
          device(device) {
            if (isStopped) return
            devices.set(channel, device)
            needs.onDevices?.(Object.fromEntries(devices))
            listener.deviceChange({ channel, label: device.label, firstSample: samples })
          },
          lost(error) {
            if (isStopped) return
            joiner.markLost(channel)
            devices.delete(channel)
            needs.onDevices?.(Object.fromEntries(devices))
            tell(channel, error)
          },
          degraded(error) {
            if (!isStopped) tell(channel, error)
          },
        }),
      )
      return {
        async stop() {
          isStopped = true
          cancel()
          await Promise.all(running.map((feed) => feed.stop()))
        },
      }
    },
  }
}
