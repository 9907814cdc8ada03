import type { Log } from '../observe/log.ts'

/** What was opened, to be closed in reverse order: whole or after half a start. */
export interface Closers {
  add(what: string, close: () => unknown): void
  /** Safe twice; what fails to close is told and does not keep the rest open. */
  closeAll(): Promise<void>
}

export function createClosers(log: Log): Closers {
  const closers: { readonly what: string; readonly close: () => unknown }[] = []
  let closing: Promise<void> | undefined
  const closeEach = async () => {
    for (const { what, close } of closers.reverse()) {
      try {
        await close()
        log.debug({ what }, 'stop.closed')
      } catch (error) {
        log.error({ what, error: String(error) }, 'stop.failed')
      }
    }
  }
  return {
    add: (what, close) => void closers.push({ what, close }),
    closeAll: () => (closing ??= closeEach()),
  }
}
