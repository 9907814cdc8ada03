import { SECOND_MS, type Channel, type Clock } from '@3cx-ninja/protocol'
import type { SoundPageMessage } from '../../../ipc/soundMessages.ts'
import type { ChannelFeed, FeedListener } from './channelFeed.ts'
import type { PageConnection, PageListener } from './pageConnection.ts'
import { chromiumTuning } from './tuning.ts'

/** The channel, the device and the shared page from which one Chromium feed is built. */
export interface ChromiumFeedNeeds {
  readonly channel: Channel
  readonly what: 'microphone' | 'loopback'
  /** Returns Chromium's id of the chosen microphone, read at each opening; undefined follows the system. */
  readonly deviceId: () => string | undefined
  readonly connect: (listener: PageListener) => PageConnection
  readonly clock: Clock
  readonly onNote: (note: string) => void
}

interface OpenFeed {
  readonly needs: ChromiumFeedNeeds
  readonly listener: FeedListener
  readonly connection: PageConnection
  readonly nextRun: () => number
  run: number
  failures: number
  nextFrame: number
  isStopped: boolean
  cancelTimer: () => void
}

/**
 * One channel that Chromium records. States of a started feed: opening (10 s at most), open (a block at least every 2 s),
 * failed (opened again after a growing delay), page gone (opened again once the page is ready), stopped. Knows nothing of
 * the page itself: `chromiumSound.ts` loads it and passes its messages on.
 */
export function createChromiumFeed(needs: ChromiumFeedNeeds): ChannelFeed {
  /** Grows over all starts, so that messages of an older opening are recognized and ignored. */
  let run = 0
  return {
    start(listener: FeedListener) {
      const feed: OpenFeed = {
        needs,
        listener,
        connection: needs.connect({
          ready: () => open(feed),
          message: (message) => receive(feed, message),
          gone: (cause) => losePage(feed, cause),
        }),
        nextRun: () => (run += 1),
        run,
        failures: 0,
        nextFrame: 0,
        isStopped: false,
        cancelTimer: () => undefined,
      }
      return {
        async stop() {
          feed.isStopped = true
          feed.cancelTimer()
          feed.connection.post({ kind: 'close', channel: needs.channel })
          await feed.connection.end()
        },
      }
    },
  }
}

function open(feed: OpenFeed): void {
  if (feed.isStopped) return
  const { channel, what, deviceId: chosen } = feed.needs
  feed.run = feed.nextRun()
  feed.nextFrame = 0
  const deviceId = chosen()
  expectMessage(feed, chromiumTuning.openingMs, 'it does not open') // before the request: the answer may come at once
  feed.connection.post({ kind: 'open', channel, run: feed.run, what, ...(deviceId ? { deviceId } : {}) })
}

function expectMessage(feed: OpenFeed, withinMs: number, otherwise: string): void {
  feed.cancelTimer()
  feed.cancelTimer = feed.needs.clock.after(withinMs, () => fail(feed, otherwise))
}

function fail(feed: OpenFeed, detail: string, reason = ''): void {
  const { channel, what, clock } = feed.needs
  feed.connection.post({ kind: 'close', channel })
  feed.listener.lost(new Error(lostText(what, reason, detail)))
  const { retryMs } = chromiumTuning
  const delayMs = retryMs[Math.min(feed.failures, retryMs.length - 1)] ?? SECOND_MS
  feed.failures += 1
  feed.cancelTimer()
  feed.cancelTimer = clock.after(delayMs, () => open(feed))
}

function losePage(feed: OpenFeed, cause: string): void {
  feed.cancelTimer()
  feed.run = feed.nextRun()
  if (!feed.isStopped) feed.listener.lost(new Error(lostText(feed.needs.what, 'gone', cause)))
}

function receive(feed: OpenFeed, message: SoundPageMessage): void {
  const { channel } = feed.needs
  if (feed.isStopped || !('run' in message) || message.channel !== channel || message.run !== feed.run) return
  switch (message.kind) {
    case 'opened':
      reportDevice(feed, message)
      return expectMessage(feed, chromiumTuning.stallMs, 'it gives no sound any more')
    case 'block':
      feed.failures = 0
      expectMessage(feed, chromiumTuning.stallMs, 'it gives no sound any more')
      return passBlock(feed, message)
    case 'lost':
      if (message.reason === 'default-changed') return open(feed)
      return fail(feed, message.detail, message.reason)
  }
}

function reportDevice(
  { needs, listener }: OpenFeed,
  { label, echo, standIn }: Extract<SoundPageMessage, { kind: 'opened' }>,
): void {
  listener.restarted()
  listener.device({
    origin: needs.what === 'microphone' ? 'microphone' : 'system-loopback',
    label: label || 'default',
  })
  needs.onNote(`${needs.channel} opened, echo canceller: ${echo}`)
  if (standIn)
    listener.degraded(
      new Error(`The chosen microphone is not there, '${label}' is used: plug it in, or choose another one.`),
    )
}

function passBlock(
  feed: OpenFeed,
  { firstFrame, samples }: Extract<SoundPageMessage, { kind: 'block' }>,
): void {
  const { listener, needs } = feed
  const skipped = firstFrame - feed.nextFrame
  feed.nextFrame = firstFrame + samples.length
  if (skipped > chromiumTuning.maxSkipSamples || skipped < 0) listener.restarted()
  else if (skipped > 0) listener.sound(new Int16Array(skipped), needs.clock.monotonicMs())
  listener.sound(samples, needs.clock.monotonicMs())
}

const THING = { microphone: 'The microphone', loopback: 'The caller' } as const

/** Returns cause and remedy of a refusal of getUserMedia or getDisplayMedia. */
function lostText(what: 'microphone' | 'loopback', reason: string, detail: string): string {
  const subject = `${THING[what]} is not heard`
  switch (reason) {
    case 'NotAllowedError':
    case 'SecurityError':
      return `${subject}: the system does not allow it. Allow this program in the privacy settings of the system.`
    case 'NotFoundError':
      return `${subject}: there is none. Plug a headset in, or switch it on in the sound settings.`
    case 'NotReadableError':
    case 'AbortError':
      return `${subject}: its device cannot be opened (${detail}). Close programs that hold it for themselves, or plug it in again.`
    case 'NotSupportedError':
      return `${subject}: this system gives no sound of its own output (${detail}). Install the capture helper.`
    case 'ended':
      return `${subject} any more: '${detail}' was unplugged or switched off. Plug it in again, or choose another one.`
    case 'gone':
      return `${subject}: the hidden page of the recorder ended (${detail}). It starts again by itself.`
    default:
      return what === 'microphone'
        ? `${subject}: ${detail}. Plug it in again, or choose another one.`
        : `${subject}: ${detail}. Allow this program to record the screen's sound, or install the capture helper.`
  }
}
