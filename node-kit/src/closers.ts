/** What was opened, to be closed in reverse order: whole, or after half a start. */
export interface Closers {
  add(what: string, close: () => unknown): void
  /** Safe twice; what fails to close is told and does not keep the rest open. */
  closeAll(): Promise<void>
}

export interface ClosingReports {
  failed(what: string, error: unknown): void
  closed?(what: string): void
}

export function createClosers(report: ClosingReports): Closers {
  const closers: { readonly what: string; readonly close: () => unknown }[] = []
  let closing: Promise<void> | undefined
  const closeEach = async () => {
    for (const { what, close } of closers.reverse()) {
      try {
        await close()
        report.closed?.(what)
      } catch (error) {
        report.failed(what, error)
      }
    }
  }
  return {
    add: (what, close) => void closers.push({ what, close }),
    closeAll: () => (closing ??= closeEach()),
  }
}

/** Opens something of several parts: when one fails, those before it are closed, and the failure is told. */
export async function openWhole<Whole>(
  report: ClosingReports,
  open: (closers: Closers) => Promise<Whole>,
): Promise<Whole> {
  const closers = createClosers(report)
  try {
    return await open(closers)
  } catch (error) {
    await closers.closeAll()
    throw error
  }
}
