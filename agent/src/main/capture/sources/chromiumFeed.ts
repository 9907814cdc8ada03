import { SAMPLE_RATE_HZ, SECOND_MS, type Channel, type Clock } from '@3cx-ninja/protocol'
import type { SoundPageMessage } from '../../../ipc/soundMessages.ts'
import type { ChannelFeed, FeedListener } from './channelFeed.ts'
import type { PageConnection, PageListener } from './pageConnection.ts'

export interface ChromiumFeedNeeds {
  readonly channel: Channel
  readonly what: 'microphone' | 'loopback'
  /** Asked at each opening. */
  readonly deviceId: () => string | undefined
  readonly connect: (listener: PageListener) => PageConnection
  readonly clock: Clock
  readonly onNote: (note: string) => void
}

const AGAIN_MS = [SECOND_MS / 2, SECOND_MS, 2 * SECOND_MS, 5 * SECOND_MS]
/** A device may be slow to open (Bluetooth), but not slower than this. */
const OPENING_MS = 10 * SECOND_MS
/** Blocks come every 100 ms, whatever happens to the page: after this the device or its driver hangs. */
const STALL_MS = 2 * SECOND_MS
/** Frames that were left out are made up for with silence up to this; more is a new beginning. */
const MAX_SKIP = SAMPLE_RATE_HZ

/** One channel heard by Chromium: opened, watched, and opened again. */
export function createChromiumFeed(needs: ChromiumFeedNeeds): ChannelFeed {
  const { channel, what, clock } = needs
  /** Grows over all starts: what an old opening still sends is told apart. */
  let run = 0
  return {
    start(listener: FeedListener) {
      let failures = 0
      let nextFrame = 0
      let isStopped = false
      let cancel: () => void = () => undefined

      const expect = (withinMs: number, otherwise: string) => {
        cancel()
        cancel = clock.after(withinMs, () => fail(otherwise))
      }
      const open = () => {
        if (isStopped) return
        run += 1
        nextFrame = 0
        const deviceId = needs.deviceId()
        expect(OPENING_MS, 'it does not open') // before the wish: the answer may come at once
        line.post({ kind: 'open', channel, run, what, ...(deviceId ? { deviceId } : {}) })
      }
      const fail = (detail: string, reason = '') => {
        line.post({ kind: 'close', channel })
        listener.lost(new Error(lostText(what, reason, detail)))
        again()
      }
      const again = () => {
        const wait = AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)] ?? SECOND_MS
        failures += 1
        cancel()
        cancel = clock.after(wait, open)
      }
      const take = (message: SoundPageMessage) => {
        if (isStopped || !('run' in message) || message.channel !== channel || message.run !== run) return
        switch (message.kind) {
          case 'opened':
            listener.restarted()
            listener.device({
              origin: what === 'microphone' ? 'microphone' : 'system-loopback',
              label: message.label || 'default',
            })
            needs.onNote(`${channel} opened, echo canceller: ${message.echo}`)
            if (message.standIn)
              listener.degraded(
                new Error(
                  `The chosen microphone is not there, '${message.label}' is used: plug it in, or choose another one.`,
                ),
              )
            return expect(STALL_MS, 'it gives no sound any more')
          case 'block': {
            failures = 0
            expect(STALL_MS, 'it gives no sound any more')
            const skipped = message.firstFrame - nextFrame
            nextFrame = message.firstFrame + message.samples.length
            if (skipped > MAX_SKIP || skipped < 0) listener.restarted()
            else if (skipped > 0) listener.sound(new Int16Array(skipped), clock.monotonicMs())
            return listener.sound(message.samples, clock.monotonicMs())
          }
          case 'lost':
            if (message.reason === 'default-changed') return open()
            return fail(message.detail, message.reason)
        }
      }
      const line = needs.connect({
        ready: () => open(),
        message: take,
        gone(cause) {
          cancel()
          run += 1
          if (!isStopped) listener.lost(new Error(lostText(what, 'gone', cause)))
        },
      })
      return {
        async stop() {
          isStopped = true
          cancel()
          line.post({ kind: 'close', channel })
          await line.end()
        },
      }
    },
  }
}

const THING = { microphone: 'The microphone', loopback: 'The caller' } as const

/** Cause and remedy of what getUserMedia and getDisplayMedia refuse with. */
function lostText(what: 'microphone' | 'loopback', reason: string, detail: string): string {
  const heard = `${THING[what]} is not heard`
  switch (reason) {
    case 'NotAllowedError':
    case 'SecurityError':
      return `${heard}: the system does not allow it. Allow this program in the privacy settings of the system.`
    case 'NotFoundError':
      return `${heard}: there is none. Plug a headset in, or switch it on in the sound settings.`
    case 'NotReadableError':
    case 'AbortError':
      return `${heard}: its device cannot be opened (${detail}). Close programs that hold it for themselves, or plug it in again.`
    case 'NotSupportedError':
      return `${heard}: this system gives no sound of its own output (${detail}). Install the capture helper.`
    case 'ended':
      return `${heard} any more: '${detail}' was unplugged or switched off. Plug it in again, or choose another one.`
    case 'gone':
      return `${heard}: the hidden page of the recorder ended (${detail}). It starts again by itself.`
    default:
      return what === 'microphone'
        ? `${heard}: ${detail}. Plug it in again, or choose another one.`
        : `${heard}: ${detail}. Allow this program to record the screen's sound, or install the capture helper.`
  }
}
