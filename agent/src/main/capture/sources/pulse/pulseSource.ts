import type { Channel, Clock } from '@3cx-ninja/protocol'
import type { AudioSource } from '../audioSource.ts'
import type { ChannelDevice, ChannelFeed } from '../channelFeed.ts'
import { createJoinedSource } from '../../joining/joinedSource.ts'
import type { DeviceChoice } from './chooseDevices.ts'
import { createPactl, type SoundEnvironment } from './pactl.ts'
import { createPulseFeed, type PulseTuning } from './pulseFeed.ts'
import { watchPulse, type PulseWatchListener } from './pulseWatch.ts'
import type { PulseState } from './pulseState.ts'
import { DEFAULT_PROGRAMS } from './telephone.ts'

/** The device choices, the clock and the environment of the PulseAudio source. */
export interface PulseSourceNeeds {
  readonly choices: () => Readonly<Record<Channel, DeviceChoice>>
  readonly clock: Clock
  /** Environment of the sound server's programs, such as PULSE_SERVER. */
  readonly environment: SoundEnvironment
  /** Returns the names of the telephone's programs, read at each change of the sound server. */
  readonly programs?: () => readonly string[]
  readonly tuning?: PulseTuning
  readonly onUserError: (channel: Channel, error: Error) => void
  readonly onDevices?: (devices: Partial<Record<Channel, ChannelDevice>>) => void
}

/** Returns the source of both sides of a call on Linux: microphone and monitor through `parec`, followed through changes of the devices. */
export function createPulseSource(needs: PulseSourceNeeds): AudioSource {
  const follow = shareWatch(needs)
  const feed = (channel: Channel): ChannelFeed =>
    createPulseFeed({
      ...needs,
      channel,
      programs: needs.programs ?? (() => DEFAULT_PROGRAMS),
      choice: () => needs.choices()[channel],
      follow,
    })
  return createJoinedSource({
    name: 'pulse',
    feeds: { agent: feed('agent'), caller: feed('caller') },
    clock: needs.clock,
    onUserError: needs.onUserError,
    ...(needs.onDevices ? { onDevices: needs.onDevices } : {}),
  })
}

/** Returns a `follow` for both channels over one watch, which runs while one of them follows it. */
function shareWatch({ clock, environment }: PulseSourceNeeds) {
  const pactl = createPactl({ environment, clock })
  const followers = new Set<PulseWatchListener>()
  let latest: PulseState | undefined
  let stop: (() => Promise<void>) | undefined
  return (onState: (state: PulseState) => void, onFailure: (error: Error) => void) => {
    const follower = { state: onState, failed: onFailure }
    followers.add(follower)
    if (latest) onState(latest)
    stop ??= watchPulse(
      { pactl, clock },
      {
        state: (state) => {
          latest = state
          for (const each of [...followers]) each.state(state)
        },
        failed: (error) => {
          latest = undefined
          for (const each of [...followers]) each.failed(error)
        },
      },
    ).stop
    return async () => {
      followers.delete(follower)
      if (followers.size > 0) return
      latest = undefined
      const stopping = stop?.()
      stop = undefined
      await stopping
    }
  }
}
