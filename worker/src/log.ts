/** What the parts of the worker need of a log; pino's loggers fit. No spoken words, no tokens. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, event: string): void
  warn(fields: Readonly<Record<string, unknown>>, event: string): void
  error(fields: Readonly<Record<string, unknown>>, event: string): void
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }

export { causeOf } from '@3cx-ninja/node-kit/causeOf.ts'
