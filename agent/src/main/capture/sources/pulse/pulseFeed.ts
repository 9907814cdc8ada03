import { SECOND_MS, type Channel, type Clock } from '@3cx-ninja/protocol'
import type { ChannelFeed, FeedListener, SoundOrigin } from '../channelFeed.ts'
import { chooseDevice, type DeviceChoice } from './chooseDevices.ts'
import type { SoundEnvironment } from './pactl.ts'
import { startParec, type ParecStream } from './parecStream.ts'
import type { PulseSource, PulseState } from './pulseState.ts'

/** The channel, the device choice and the watch from which one PulseAudio feed is built. */
export interface PulseFeedNeeds {
  readonly channel: Channel
  /** Returns the chosen device, read at each change of the sound server, so that a new setting is followed in mid-call. */
  readonly choice: () => DeviceChoice
  readonly programs: () => readonly string[]
  readonly clock: Clock
  readonly environment: SoundEnvironment
  readonly tuning?: PulseTuning
  /** Calls `onState` with the newest state at once, where there is one, and after each change. Returns the end of the watch. */
  readonly follow: (
    onState: (state: PulseState) => void,
    onFailure: (error: Error) => void,
  ) => () => Promise<void>
}

/** Durations of one recording stream, with their reasons. */
export const pulseTuning = {
  /** A recorder that ended is started again after these, then after the last one. Another device is opened at once. */
  retryMs: [SECOND_MS / 2, SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS] as readonly number[],
  /** A monitor of an idle output begins up to 2 s late. */
  beginMs: 6 * SECOND_MS,
  /** A source gives silence while no one speaks, it never stops delivering. */
  stallMs: 4 * SECOND_MS,
}
/** The durations of a PulseAudio feed, overridden only by tests. */
export type PulseTuning = typeof pulseTuning

interface OpenStream {
  /** The source that was requested when the stream was opened. */
  readonly wanted: string
  /** The source that the audio comes from by now. */
  readonly source: PulseSource
  readonly stream: ParecStream
}

interface FeedState {
  readonly needs: PulseFeedNeeds
  readonly tuning: PulseTuning
  readonly listener: FeedListener
  readonly stopping: Set<Promise<void>>
  open: OpenStream | undefined
  server: PulseState | undefined
  failures: number
  /** The source that has just failed; it is opened again by the clock, another one at once. */
  failed: string | undefined
  reportedStandIn: string | undefined
  /** The source that the telephone used last, kept through hold and hang-up. */
  lastUsed: string | undefined
  isStopped: boolean
  cancelRetry: () => void
  cancelStall: () => void
}

/**
 * One channel from PulseAudio or PipeWire. Linux notifies no recording program when its device goes: the server moves
 * the stream elsewhere, the monitor of a lost output even to a microphone. So the stream is looked up after each change.
 * States of a started feed: no state of the server yet, open, failed (opened again after `retryMs`), no device (left when
 * the server lists one), stopped. Knows nothing of the server's protocol: `pactl.ts` and `parecStream.ts` speak it.
 */
export function createPulseFeed(needs: PulseFeedNeeds): ChannelFeed {
  return {
    start(listener: FeedListener) {
      const feed: FeedState = {
        needs,
        tuning: needs.tuning ?? pulseTuning,
        listener,
        stopping: new Set(),
        open: undefined,
        server: undefined,
        failures: 0,
        failed: undefined,
        reportedStandIn: undefined,
        lastUsed: undefined,
        isStopped: false,
        cancelRetry: () => undefined,
        cancelStall: () => undefined,
      }
      const unfollow = needs.follow(
        (state) => {
          feed.server = state
          settle(feed)
        },
        (error) => {
          feed.server = undefined
          listener.lost(error)
        },
      )
      return {
        async stop() {
          feed.isStopped = true
          feed.cancelRetry()
          close(feed)
          await Promise.all([unfollow(), ...feed.stopping])
        },
      }
    },
  }
}

/** Brings the stream to the source where it must be, given what the server has. */
function settle(feed: FeedState): void {
  const { needs, server, open, listener } = feed
  if (feed.isStopped || !server) return
  const chosen = chooseDevice(needs.channel, needs.choice(), server, needs.programs(), feed.lastUsed)
  if (chosen.kind === 'none') {
    close(feed)
    return listener.lost(new Error(noDeviceText(needs.channel)))
  }
  const { source } = chosen
  if (chosen.kind === 'found' && chosen.why === 'telephone') feed.lastUsed = source.name
  if (!open) {
    if (source.name !== feed.failed) openAt(feed, source)
  } else if (open.wanted !== source.name) {
    close(feed)
    openAt(feed, source)
  } else followMove(feed, open, server, source)
  const standIn = chosen.kind === 'stand-in' ? `${chosen.missing} ${source.name}` : undefined
  if (chosen.kind === 'stand-in' && standIn !== feed.reportedStandIn)
    listener.degraded(
      new Error(
        `The chosen device '${chosen.missing}' is not there, '${source.label}' is used: plug it in, or choose another one.`,
      ),
    )
  feed.reportedStandIn = standIn
}

/** Handles a stream that the server moved to another source. */
function followMove(feed: FeedState, open: OpenStream, server: PulseState, wanted: PulseSource): void {
  const stream = server.recordings.find(({ pid }) => pid === open.stream.pid)
  const actual = stream && server.sources.find(({ index }) => index === stream.device)
  if (!actual || actual.name === open.source.name) return
  const isMovedByHand = server.sources.some(({ name }) => name === open.source.name)
  if (isMovedByHand || actual.name === wanted.name) {
    // moved by hand in the system's mixer, or by the server to where it must be
    feed.open = { ...open, source: actual }
    feed.listener.device({ origin: originOf(feed), label: actual.label })
  } else {
    close(feed)
    openAt(feed, wanted)
  }
}

function openAt(feed: FeedState, source: PulseSource): void {
  const { needs, listener, tuning } = feed
  feed.cancelRetry()
  const stream = startParec(
    { source: source.name, environment: needs.environment },
    {
      sound: (samples) => {
        if (feed.open?.stream !== stream) return
        feed.failures = 0
        feed.failed = undefined
        expectSound(feed, tuning.stallMs)
        listener.sound(samples, needs.clock.monotonicMs())
      },
      ended: (cause) => {
        if (feed.open?.stream === stream) fail(feed, source, cause)
      },
    },
  )
  feed.open = { wanted: source.name, source, stream }
  listener.restarted()
  listener.device({ origin: originOf(feed), label: source.label })
  expectSound(feed, tuning.beginMs)
}

function expectSound(feed: FeedState, withinMs: number): void {
  feed.cancelStall()
  feed.cancelStall = feed.needs.clock.after(withinMs, () => {
    if (feed.open) fail(feed, feed.open.source, 'nothing comes')
  })
}

function fail(feed: FeedState, source: PulseSource, cause: string): void {
  const { retryMs } = feed.tuning
  close(feed)
  feed.listener.lost(
    new Error(`No sound from '${source.label}' any more (${cause}): check the device in the sound settings.`),
  )
  const delayMs = retryMs[Math.min(feed.failures, retryMs.length - 1)] ?? SECOND_MS
  feed.failures += 1
  feed.failed = source.name
  feed.cancelRetry = feed.needs.clock.after(delayMs, () => {
    feed.failed = undefined
    settle(feed)
  })
}

function close(feed: FeedState): void {
  feed.cancelStall()
  if (!feed.open) return
  const work = feed.open.stream.stop().finally(() => feed.stopping.delete(work))
  feed.stopping.add(work)
  feed.open = undefined
}

const originOf = ({ needs }: FeedState): SoundOrigin => (needs.channel === 'agent' ? 'microphone' : 'monitor')

function noDeviceText(channel: Channel): string {
  return channel === 'agent'
    ? 'There is no microphone: plug one in, or switch it on in the sound settings.'
    : 'There is no sound output, so the caller cannot be heard: plug in a headset or loudspeaker.'
}
