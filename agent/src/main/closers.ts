import { causeOf, type Logger } from './log.ts'

/** What was opened, to be closed in reverse order: whole, or after half a start. */
export interface Closers {
  add(what: string, close: () => unknown): void
  /** Safe twice; what fails to close is told and does not keep the rest open. */
  closeAll(): Promise<void>
}

export function createClosers(log: Logger): Closers {
  const closers: { readonly what: string; readonly close: () => unknown }[] = []
  let closing: Promise<void> | undefined
  const closeEach = async () => {
    for (const { what, close } of closers.reverse()) {
      try {
        await close()
      } catch (error) {
        log.error({ what, cause: causeOf(error) }, 'stop.failed')
      }
    }
  }
  return {
    add: (what, close) => void closers.push({ what, close }),
    closeAll: () => (closing ??= closeEach()),
  }
}

/** Starts something of several parts: when one fails, those before it are closed, and the failure is told. */
export async function startWhole<Whole>(
  log: Logger,
  start: (closers: Closers) => Promise<Whole>,
): Promise<Whole> {
  const closers = createClosers(log)
  try {
    return await start(closers)
  } catch (error) {
    await closers.closeAll()
    throw error
  }
}
