import type { Clock } from '@3cx-ninja/protocol'

/** Sends much to one link in pages: never more than a page waits in its socket, and other messages pass in between. */
export interface PagedSender<Message> {
  /** Sends these messages after all earlier ones; each is taken when it is about to be sent. */
  add(messages: Iterable<Message> | AsyncIterable<Message>): void
  /** Goes on after the socket had no room. The socket calls it each time its buffer has run empty. */
  drained(): void
  stop(): void
}

/** Creates a sender without anything to send. `onFailure` gets the error of a source that threw; the next source is sent all the same. */
export function createPagedSender<Message>(needs: {
  readonly link: { send(message: Message): number; bufferedBytes(): number }
  readonly clock: Clock
  readonly pageBytes: number
  readonly onFailure: (error: unknown) => void
}): PagedSender<Message> {
  const { link, clock, pageBytes, onFailure } = needs
  const sources: (Iterable<Message> | AsyncIterable<Message>)[] = []
  const state = { isRunning: false, isStopped: false }
  const isOver = () => state.isStopped
  let wake: () => void = () => undefined
  let cancel: () => void = () => undefined

  /** Resolves at once while the page has room; else in a later turn, once the socket has room again. */
  const room = async (sent: number) => {
    if (sent < pageBytes && link.bufferedBytes() < pageBytes) return false
    await new Promise<void>((resolve) => {
      wake = resolve
      if (link.bufferedBytes() < pageBytes) cancel = clock.after(0, resolve)
    })
    return true
  }
  const run = async () => {
    let sent = 0
    for (let source = sources.shift(); source && !state.isStopped; source = sources.shift()) {
      try {
        for await (const message of source) {
          if (await room(sent)) sent = 0
          if (isOver()) return
          sent += link.send(message)
        }
      } catch (error) {
        onFailure(error)
      }
    }
    state.isRunning = false
  }
  return {
    add(source) {
      sources.push(source)
      if (state.isRunning || state.isStopped) return
      state.isRunning = true
      void run()
    },
    drained: () => wake(),
    stop() {
      state.isStopped = true
      sources.length = 0
      cancel()
      wake()
    },
  }
}
