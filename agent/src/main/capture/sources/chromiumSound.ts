import type { Channel, Clock } from '@3cx-ninja/protocol'
import { soundPageMessage, type SoundPageRequest } from '../../../ipc/soundMessages.ts'
import type { ChannelFeed } from './channelFeed.ts'
import { createChromiumFeed } from './chromiumFeed.ts'
import type { PageConnection, PageListener } from './pageConnection.ts'
import { chromiumTuning } from './tuning.ts'

/** The hidden page, as Electron's edge provides it. */
export interface SoundPage {
  /**
   * Loads the page and returns the link to it. Calls `message` with unchecked values, and `gone` once when the page crashed or
   * could not be loaded; nothing is called before `open` has returned, or after `gone`.
   */
  open(listener: { message(value: unknown): void; gone(cause: string): void }): SoundPageLink
}

/** The connection to one loaded hidden page, until `close` or `gone`. */
export interface SoundPageLink {
  /** Sends a request to the page; a page that is gone drops it. */
  post(request: SoundPageRequest): void
  /** Closes the page. Resolves once it is closed. Safe twice, and after `gone`. */
  close(): Promise<void>
}

/** Chromium as a source of feeds, through one hidden page that all feeds share. */
export interface ChromiumSound {
  /** Returns the feed of the microphone with this id; undefined follows the system's default. */
  microphone(deviceId: () => string | undefined): ChannelFeed
  /** Returns the feed of all that the PC plays, the last resort for the caller; the screen names it so. */
  loopback(): ChannelFeed
  /** Resolves with the microphones to choose from. Rejects when the page does not answer within 10 s. */
  microphones(): Promise<readonly { readonly id: string; readonly label: string }[]>
}

/** The hidden page, the clock and the log line of Chromium's feeds. */
export interface ChromiumSoundNeeds {
  readonly page: SoundPage
  readonly clock: Clock
  readonly onNote: (note: string) => void
}

interface PageState {
  readonly needs: ChromiumSoundNeeds
  readonly listeners: Set<PageListener>
  link: SoundPageLink | undefined
  isReady: boolean
  cancelReload: () => void
  closing: Promise<void>
}

/**
 * Audio that Chromium records, through one hidden page shared by all feeds. The page is closed (no listener), loading, ready,
 * or gone (loaded again after 1 s while a listener is left). Knows nothing of devices and samples: the page opens devices,
 * `chromiumFeed.ts` reads its blocks.
 */
export function createChromiumSound(needs: ChromiumSoundNeeds): ChromiumSound {
  const page: PageState = {
    needs,
    listeners: new Set(),
    link: undefined,
    isReady: false,
    cancelReload: () => undefined,
    closing: Promise.resolve(),
  }
  const feed = (channel: Channel, what: 'microphone' | 'loopback', deviceId: () => string | undefined) =>
    createChromiumFeed({
      channel,
      what,
      deviceId,
      connect: (listener) => connect(page, listener),
      clock: needs.clock,
      onNote: needs.onNote,
    })
  return {
    microphone: (deviceId) => feed('agent', 'microphone', deviceId),
    loopback: () => feed('caller', 'loopback', () => undefined),
    microphones: () => listMicrophones(page),
  }
}

function load(page: PageState): void {
  page.isReady = false
  const opened = page.needs.page.open({
    message: (value) => {
      if (page.link === opened) receive(page, value)
    },
    gone: (cause) => {
      if (page.link === opened) reload(page, cause)
    },
  })
  page.link = opened
}

function receive(page: PageState, value: unknown): void {
  const parsed = soundPageMessage.safeParse(value)
  if (!parsed.success) return page.needs.onNote(`the page sent something unexpected: ${parsed.error.message}`)
  if (parsed.data.kind === 'ready') {
    page.isReady = true
    for (const each of [...page.listeners]) each.ready()
  } else for (const each of [...page.listeners]) each.message(parsed.data)
}

function reload(page: PageState, cause: string): void {
  unload(page)
  for (const each of [...page.listeners]) each.gone(cause)
  page.cancelReload = page.needs.clock.after(chromiumTuning.reloadMs, () => {
    if (page.listeners.size > 0) load(page)
  })
}

function unload(page: PageState): void {
  const { link, closing } = page
  page.link = undefined
  page.isReady = false
  page.cancelReload()
  if (link) page.closing = Promise.all([closing, link.close()]).then(() => undefined)
}

function connect(page: PageState, listener: PageListener): PageConnection {
  page.listeners.add(listener)
  if (!page.link) {
    page.cancelReload()
    load(page)
  } else if (page.isReady) {
    queueMicrotask(() => {
      if (page.isReady && page.listeners.has(listener)) listener.ready()
    })
  }
  return {
    post: (request) => page.link?.post(request),
    async end() {
      page.listeners.delete(listener)
      if (page.listeners.size === 0) unload(page)
      await page.closing
    },
  }
}

async function listMicrophones(
  page: PageState,
): Promise<readonly { readonly id: string; readonly label: string }[]> {
  let connection: PageConnection | undefined
  let cancel: () => void = () => undefined
  try {
    return await new Promise((resolve, reject) => {
      const refuse = (why: string) =>
        reject(new Error(`The microphones cannot be listed (${why}): try again.`))
      cancel = page.needs.clock.after(chromiumTuning.listMs, () => refuse('no answer'))
      const opened = connect(page, {
        ready: () => opened.post({ kind: 'list' }),
        message: (message) => {
          if (message.kind === 'devices') resolve(message.microphones)
        },
        gone: refuse,
      })
      connection = opened
    })
  } finally {
    cancel()
    await connection?.end()
  }
}
