import { SECOND_MS, type Channel, type Clock } from '@3cx-ninja/protocol'
import { soundPageMessage, type SoundPageRequest } from '../../../ipc/soundMessages.ts'
import type { ChannelFeed } from './channelFeed.ts'
import { createChromiumFeed } from './chromiumFeed.ts'
import type { PageConnection, PageListener } from './pageConnection.ts'

/** The hidden page, as Electron's edge gives it. */
export interface SoundPage {
  /**
   * Loads the page. Messages come unchecked; `gone`: it crashed or could not be loaded, nothing more comes. Neither is
   * called before `open` has returned.
   */
  open(listener: { message(value: unknown): void; gone(cause: string): void }): SoundPageLink
}

export interface SoundPageLink {
  post(wish: SoundPageRequest): void
  /** Closes the page. Safe twice, and after `gone`. */
  close(): Promise<void>
}

export interface ChromiumSound {
  microphone(deviceId: () => string | undefined): ChannelFeed
  /** All that the PC plays. Named so on the screen: it is the last resort. */
  loopback(): ChannelFeed
  /** Microphones to choose from. Rejects when the page does not answer in time. */
  microphones(): Promise<readonly { readonly id: string; readonly label: string }[]>
}

const AGAIN_MS = SECOND_MS
/** The page may have to be loaded first. */
const LIST_MS = 10 * SECOND_MS

/** Sound that Chromium hears, through one hidden page that is open while a channel needs it. */
export function createChromiumSound(needs: {
  readonly page: SoundPage
  readonly clock: Clock
  readonly onNote: (note: string) => void
}): ChromiumSound {
  const { clock } = needs
  const listeners = new Set<PageListener>()
  let link: SoundPageLink | undefined
  let isReady = false
  let cancelAgain: () => void = () => undefined
  let closing: Promise<void> = Promise.resolve()

  const load = () => {
    isReady = false
    const opened = needs.page.open({
      message(value) {
        if (link !== opened) return
        const parsed = soundPageMessage.safeParse(value)
        if (!parsed.success)
          return needs.onNote(`the page sent something unexpected: ${parsed.error.message}`)
        if (parsed.data.kind === 'ready') {
          isReady = true
          for (const each of [...listeners]) each.ready()
        } else for (const each of [...listeners]) each.message(parsed.data)
      },
      gone(cause) {
        if (link !== opened) return
        unload()
        for (const each of [...listeners]) each.gone(cause)
        cancelAgain = clock.after(AGAIN_MS, () => {
          if (listeners.size > 0) load()
        })
      },
    })
    link = opened
  }
  const unload = () => {
    const old = link
    link = undefined
    isReady = false
    cancelAgain()
    if (old) closing = Promise.all([closing, old.close()]).then(() => undefined)
  }
  const connect = (listener: PageListener): PageConnection => {
    listeners.add(listener)
    if (!link) {
      cancelAgain()
      load()
    } else if (isReady) {
      queueMicrotask(() => {
        if (isReady && listeners.has(listener)) listener.ready()
      })
    }
    return {
      post: (wish) => link?.post(wish),
      async end() {
        listeners.delete(listener)
        if (listeners.size === 0) unload()
        await closing
      },
    }
  }
  const feed = (channel: Channel, what: 'microphone' | 'loopback', deviceId: () => string | undefined) =>
    createChromiumFeed({ channel, what, deviceId, connect, clock, onNote: needs.onNote })
  return {
    microphone: (deviceId) => feed('agent', 'microphone', deviceId),
    loopback: () => feed('caller', 'loopback', () => undefined),
    async microphones() {
      let line: PageConnection | undefined
      let cancel: () => void = () => undefined
      try {
        return await new Promise((resolve, reject) => {
          const refuse = (why: string) =>
            reject(new Error(`The microphones cannot be listed (${why}): try again.`))
          cancel = clock.after(LIST_MS, () => refuse('no answer'))
          const asking = connect({
            ready: () => asking.post({ kind: 'list' }),
            message: (message) => {
              if (message.kind === 'devices') resolve(message.microphones)
            },
            gone: refuse,
          })
          line = asking
        })
      } finally {
        cancel()
        await line?.end()
      }
    },
  }
}
