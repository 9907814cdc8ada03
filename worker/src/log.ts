/** The logger that the parts of the worker need; pino's loggers fit. Fields carry no spoken words and no tokens. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, event: string): void
  warn(fields: Readonly<Record<string, unknown>>, event: string): void
  error(fields: Readonly<Record<string, unknown>>, event: string): void
}

/** A logger that drops every entry. */
export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
