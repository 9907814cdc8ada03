/** What the parts of the agent need of a log; the loggers of pino fit. No spoken words, tokens or full telephone numbers. */
export interface Logger {
  info(fields: Readonly<Record<string, unknown>>, event: string): void
  warn(fields: Readonly<Record<string, unknown>>, event: string): void
  error(fields: Readonly<Record<string, unknown>>, event: string): void
}

/** A log that drops every entry, for tests. */
export const silentLogger: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined }

export { causeOf } from '@3cx-ninja/node-kit/causeOf.ts'
