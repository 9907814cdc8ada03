import { pino } from 'pino'

/** The hub's log writes one line for each change of state: `log.info({ fields }, 'noun.event')`. No spoken words, no tokens, no full numbers. */
export interface Log {
  debug(fields: object, event: string): void
  info(fields: object, event: string): void
  warn(fields: object, event: string): void
  error(fields: object, event: string): void
}

export function createLog(level: string): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['*.token', '*.secret', '*.authorization'],
  })
}
