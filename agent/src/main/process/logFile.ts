import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import path from 'node:path'
import { DAY_MS, type Clock } from '@3cx-ninja/protocol'
import { pino } from 'pino'

export interface LogFileTuning {
  /** A full file is put aside and a new one begun. */
  readonly fileBytes: number
  /** Of all files together: the oldest go first. */
  readonly totalBytes: number
  /** Logs live 30 days, as the design says. */
  readonly maxAgeMs: number
  /** What waits for a disk that does not take it; what comes beyond is lost. */
  readonly waitingBytes: number
}
export const logFileTuning: LogFileTuning = {
  fileBytes: 5_000_000,
  totalBytes: 50_000_000,
  maxAgeMs: 30 * DAY_MS,
  waitingBytes: 1_000_000,
}

export interface LogFile {
  /** One line, with its end. Never throws: a log that cannot be written must not stop a recording. */
  write(line: string): void
  /** What was written is with the operating system. Never throws. */
  flush(): void
}

/**
 * A log that is bounded in size, number of files and age: `<name>.log` is the newest, `<name>.<UTC time>.log` those before.
 * Renaming is all there is to it, so a process that is killed at any moment leaves whole files.
 */
export function openLogFile(needs: {
  readonly file: string
  readonly clock: Pick<Clock, 'nowMs'>
  readonly tuning?: LogFileTuning
}): LogFile {
  const { file, clock, tuning = logFileTuning } = needs
  const { dir, name } = path.parse(file)
  const isOlder = new RegExp(`^${name.replace(/[^\w-]/g, '\\$&')}\\.\\d{8}T\\d{9}Z\\.log$`)
  const day = () => Math.floor(clock.nowMs() / DAY_MS)

  quietly(() => mkdirSync(dir, { recursive: true }))
  let { bytes, openedOnDay } = readLast(file, day())
  let destination = open()
  let namedMs = 0
  if (bytes > 0 && !endsItsLine(file)) write('\n') // the last process was killed in the middle of a line
  sweep()

  function open() {
    const opened = pino.destination({ dest: file, sync: false, maxLength: tuning.waitingBytes })
    opened.on('error', () => undefined) // disk full or gone: what waits is tried again with the next line
    return opened
  }
  function write(line: string): void {
    bytes += Buffer.byteLength(line)
    quietly(() => destination.write(line))
  }
  function putAside(): void {
    quietly(() => destination.flushSync())
    namedMs = Math.max(clock.nowMs(), namedMs + 1) // no two of one name
    try {
      const time = new Date(namedMs).toISOString().replace(/[-:.]/g, '')
      renameSync(file, path.join(dir, `${name}.${time}.log`))
    } catch {
      bytes -= tuning.fileBytes / 10 // somebody reads it (a virus scanner): again a little later
      return
    }
    destination.end()
    destination = open()
    bytes = 0
    openedOnDay = day()
    sweep()
  }
  function sweep(): void {
    let left = tuning.totalBytes - tuning.fileBytes
    const older = quietly(() => readdirSync(dir).filter((each) => isOlder.test(each))) ?? []
    for (const each of older.sort().reverse()) {
      quietly(() => {
        const older = path.join(dir, each)
        const { size, mtimeMs } = statSync(older)
        left -= size
        if (left < 0 || mtimeMs < clock.nowMs() - tuning.maxAgeMs) rmSync(older, { force: true })
      })
    }
  }

  return {
    write(line) {
      if (bytes > 0 && (bytes >= tuning.fileBytes || openedOnDay !== day())) putAside()
      write(line)
    },
    flush: () => quietly(() => destination.flushSync()),
  }
}

/** What lies there from the start before. */
function readLast(file: string, today: number): { bytes: number; openedOnDay: number } {
  const found = quietly(() => statSync(file))
  if (!found) return { bytes: 0, openedOnDay: today }
  return { bytes: found.size, openedOnDay: Math.floor(found.mtimeMs / DAY_MS) }
}

function endsItsLine(file: string): boolean {
  const last = quietly(() => {
    const handle = openSync(file, 'r')
    try {
      const byte = Buffer.alloc(1)
      readSync(handle, byte, 0, 1, Math.max(0, fstatSync(handle).size - 1))
      return byte.toString('latin1')
    } finally {
      closeSync(handle)
    }
  })
  return last === '\n'
}

/** A log has nobody to tell that it fails. */
function quietly<Value>(act: () => Value): Value | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}
