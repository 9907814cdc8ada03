/** What the parts of the worker need of a log; pino's loggers fit. No spoken words, no tokens. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, event: string): void
  warn(fields: Readonly<Record<string, unknown>>, event: string): void
  error(fields: Readonly<Record<string, unknown>>, event: string): void
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Cause of an error as a log field: messages only, down its chain of causes. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message} <- ${causeOf(error.cause)}`
}
