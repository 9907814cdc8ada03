import { SECOND_MS, type Channel, type Clock } from '@3cx-ninja/protocol'
import type { ChannelFeed, FeedListener } from '../channelFeed.ts'
import { chooseDevice, type DeviceChoice } from './chooseDevices.ts'
import type { SoundEnvironment } from './pactl.ts'
import { startParec, type ParecStream } from './parecStream.ts'
import type { PulseSource, PulseState } from './pulseState.ts'

export interface PulseFeedNeeds {
  readonly channel: Channel
  /** Asked at each change of the sound server, so that a new wish is followed in mid-call. */
  readonly choice: () => DeviceChoice
  readonly programs: () => readonly string[]
  readonly clock: Clock
  readonly environment: SoundEnvironment
  readonly tuning?: PulseTuning
  /** States of the sound server from now on; the newest known one at once. Returns the end of listening. */
  readonly follow: (
    onState: (state: PulseState) => void,
    onUserError: (error: Error) => void,
  ) => () => Promise<void>
}

/** Durations of one recording stream, with their reasons. */
export const pulseTuning = {
  /** A recorder that ended is started again after these, then after the last one. Another device at once. */
  againMs: [SECOND_MS / 2, SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS] as readonly number[],
  /** A monitor of an idle output begins up to 2 s late. */
  beginMs: 6 * SECOND_MS,
  /** A source gives silence while nobody speaks, never nothing. */
  stallMs: 4 * SECOND_MS,
}
export type PulseTuning = typeof pulseTuning

interface Open {
  /** What was asked for when it was opened. */
  readonly wanted: string
  /** Where its sound comes from by now. */
  readonly source: PulseSource
  readonly stream: ParecStream
}

/**
 * One channel from PulseAudio or PipeWire. Linux tells a recording program nothing when its device goes: the server moves
 * the stream elsewhere, the monitor of a lost output even to a microphone. So the stream is looked up after each change.
 */
export function createPulseFeed(needs: PulseFeedNeeds): ChannelFeed {
  const { channel, clock, tuning = pulseTuning } = needs
  const origin = channel === 'agent' ? 'microphone' : 'monitor'
  return {
    start(listener: FeedListener) {
      let open: Open | undefined
      let latest: PulseState | undefined
      let failures = 0
      /** This source has just failed; it is tried again by the clock, another one at once. */
      let failed: string | undefined
      let toldStandIn: string | undefined
      /** What the telephone used last: kept through hold and hang-up. */
      let lastUsed: string | undefined
      let isStopped = false
      let cancelAgain: () => void = () => undefined
      let cancelStall: () => void = () => undefined
      const stopping = new Set<Promise<void>>()

      const close = () => {
        cancelStall()
        if (!open) return
        const work = open.stream.stop().finally(() => stopping.delete(work))
        stopping.add(work)
        open = undefined
      }
      const openAt = (source: PulseSource) => {
        cancelAgain()
        const stream = startParec(
          { source: source.name, environment: needs.environment },
          {
            sound: (samples) => {
              if (open?.stream !== stream) return
              failures = 0
              failed = undefined
              expectSound(tuning.stallMs)
              listener.sound(samples, clock.monotonicMs())
            },
            ended: (cause) => {
              if (open?.stream === stream) lose(source, cause)
            },
          },
        )
        open = { wanted: source.name, source, stream }
        listener.restarted()
        listener.device({ origin, label: source.label })
        expectSound(tuning.beginMs)
      }
      const expectSound = (withinMs: number) => {
        cancelStall()
        cancelStall = clock.after(withinMs, () => {
          if (open) lose(open.source, 'nothing comes')
        })
      }
      const lose = (source: PulseSource, cause: string) => {
        close()
        listener.lost(
          new Error(
            `No sound from '${source.label}' any more (${cause}): check the device in the sound settings.`,
          ),
        )
        const wait = tuning.againMs[Math.min(failures, tuning.againMs.length - 1)] ?? SECOND_MS
        failures += 1
        failed = source.name
        cancelAgain = clock.after(wait, () => {
          failed = undefined
          settle()
        })
      }
      /** Brings the stream to where it should be, given what the server has. */
      const settle = () => {
        if (isStopped || !latest) return
        const chosen = chooseDevice(channel, needs.choice(), latest, needs.programs(), lastUsed)
        if (chosen.kind === 'none') {
          close()
          return listener.lost(new Error(nothingToHear(channel)))
        }
        const { source } = chosen
        if (chosen.kind === 'found' && chosen.why === 'telephone') lastUsed = source.name
        if (!open) {
          if (source.name !== failed) openAt(source)
        } else if (open.wanted !== source.name) {
          close()
          openAt(source)
        } else followMove(open, latest, source)
        const standIn = chosen.kind === 'stand-in' ? `${chosen.missing} ${source.name}` : undefined
        if (chosen.kind === 'stand-in' && standIn !== toldStandIn)
          listener.degraded(
            new Error(
              `The chosen device '${chosen.missing}' is not there, '${source.label}' is used: plug it in, or choose another one.`,
            ),
          )
        toldStandIn = standIn
      }
      const followMove = (current: Open, state: PulseState, wanted: PulseSource) => {
        const stream = state.recordings.find(({ pid }) => pid === current.stream.pid)
        const actual = stream && state.sources.find(({ index }) => index === stream.device)
        if (!actual || actual.name === current.source.name) return
        const isOwnWish = state.sources.some(({ name }) => name === current.source.name)
        if (isOwnWish || actual.name === wanted.name) {
          // moved by hand in the system's mixer, or by the server to where it should be
          open = { ...current, source: actual }
          listener.device({ origin, label: actual.label })
        } else {
          close()
          openAt(wanted)
        }
      }

      const unfollow = needs.follow(
        (state) => {
          latest = state
          settle()
        },
        (error) => {
          latest = undefined
          listener.lost(error)
        },
      )
      return {
        async stop() {
          isStopped = true
          cancelAgain()
          close()
          await Promise.all([unfollow(), ...stopping])
        },
      }
    },
  }
}

function nothingToHear(channel: Channel): string {
  return channel === 'agent'
    ? 'There is no microphone: plug one in, or switch it on in the sound settings.'
    : 'There is no sound output, so the caller cannot be heard: plug in a headset or loudspeaker.'
}
