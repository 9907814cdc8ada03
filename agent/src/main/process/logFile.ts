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

/** Limits of the log in size, number of files and age. */
export interface LogFileTuning {
  /** Size at which a file is put aside and a new one begun. */
  readonly fileBytes: number
  /** Size of all files together: the oldest are removed first. */
  readonly totalBytes: number
  /** Logs live 30 days, as the design says. */
  readonly maxAgeMs: number
  /** Bytes that wait for a disk that refuses them; later lines are lost. */
  readonly waitingBytes: number
}
export const logFileTuning: LogFileTuning = {
  fileBytes: 5_000_000,
  totalBytes: 50_000_000,
  maxAgeMs: 30 * DAY_MS,
  waitingBytes: 1_000_000,
}

/** A log on disk that never fails its writers. */
export interface LogFile {
  /** Appends one line, with its end. Never throws: a log that cannot be written must not stop a recording. */
  write(line: string): void
  /** Hands every written line to the operating system. Never throws. */
  flush(): void
}

/**
 * Opens a log that is bounded in size, number of files and age: `<name>.log` is the newest, `<name>.<UTC time>.log` are the
 * earlier ones. It only renames files, so a process that is killed at any moment leaves whole files.
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
    opened.on('error', () => undefined) // disk full or gone: the waiting lines are written with the next one
    return opened
  }
  function write(line: string): void {
    bytes += Buffer.byteLength(line)
    quietly(() => destination.write(line))
  }
  function putAside(): void {
    quietly(() => destination.flushSync())
    namedMs = Math.max(clock.nowMs(), namedMs + 1) // two files never share a name
    try {
      const time = new Date(namedMs).toISOString().replace(/[-:.]/g, '')
      renameSync(file, path.join(dir, `${name}.${time}.log`))
    } catch {
      bytes -= tuning.fileBytes / 10 // another program reads the file (a virus scanner): the next attempt follows a little later
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

/** Returns the size and day of the file of the last start. */
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

/** Returns undefined when the action throws: a log cannot report that it fails. */
function quietly<Value>(act: () => Value): Value | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}
