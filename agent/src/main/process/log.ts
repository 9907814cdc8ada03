/** What the parts of the agent need of a log; pino's loggers fit. No spoken words, tokens or full telephone numbers. */
export interface Logger {
  info(fields: Readonly<Record<string, unknown>>, event: string): void
  warn(fields: Readonly<Record<string, unknown>>, event: string): void
  error(fields: Readonly<Record<string, unknown>>, event: string): void
}

export const silentLogger: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Cause of an error as a log field: messages only, down its chain of causes; what only repeats is told once. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause === undefined) return error.message
  const below = causeOf(error.cause)
  return error.message.includes(below) ? error.message : `${error.message} <- ${below}`
}
