/** Closes what was opened, in reverse order: after a whole start, or after half of one. */
export interface Closers {
  /** Remembers how to close one thing that has just been opened; `name` stands in the reports. */
  add(name: string, close: () => unknown): void
  /** Closes everything, the last opened first. Safe twice. Never rejects: a failure is reported and the rest is closed too. */
  closeAll(): Promise<void>
}

/** Receives what happens while things are closed. */
export interface ClosingReports {
  failed(name: string, error: unknown): void
  closed?(name: string): void
}

/** Returns an empty list of closers. It holds nothing open by itself. */
export function createClosers(reports: ClosingReports): Closers {
  const closers: { readonly name: string; readonly close: () => unknown }[] = []
  let closing: Promise<void> | undefined
  const closeEach = async () => {
    for (const { name, close } of closers.reverse()) {
      try {
        await close()
        reports.closed?.(name)
      } catch (error) {
        reports.failed(name, error)
      }
    }
  }
  return {
    add: (name, close) => void closers.push({ name, close }),
    closeAll: () => (closing ??= closeEach()),
  }
}

/** Opens a whole of several parts. Rejects with the failure of one part, after the parts opened earlier have been closed. */
export async function openWhole<Whole>(
  reports: ClosingReports,
  open: (closers: Closers) => Promise<Whole>,
): Promise<Whole> {
  const closers = createClosers(reports)
  try {
    return await open(closers)
  } catch (error) {
    await closers.closeAll()
    throw error
  }
}
