import type { Log } from '../src/log.ts'

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error'
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** A log that keeps its lines, and a wait for one of them. */
export function createKeptLog(): {
  readonly log: Log
  readonly lines: readonly LogLine[]
  /** The first line of this event, now or later. */
  logged(event: string): Promise<LogLine>
} {
  const lines: LogLine[] = []
  const waiting = new Set<() => void>()
  const keep = (level: LogLine['level']) => (fields: Readonly<Record<string, unknown>>, event: string) => {
    lines.push({ level, event, fields })
    for (const check of [...waiting]) check()
  }
  return {
    log: { info: keep('info'), warn: keep('warn'), error: keep('error') },
    lines,
    logged: (event) =>
      new Promise((resolve) => {
        const check = () => {
          const line = lines.find((one) => one.event === event)
          if (!line) return
          waiting.delete(check)
          resolve(line)
        }
        waiting.add(check)
        check()
      }),
  }
}
