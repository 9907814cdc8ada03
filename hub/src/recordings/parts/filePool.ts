import { toError } from '@3cx-ninja/protocol'
import { errorCode, type FileSystem, type LogFile } from '@3cx-ninja/recording-log/fileSystem.ts'

/**
 * A file system whose open files have a handle only while they need one: a part that never ends must not keep a handle for
 * ever, or one client with many of them leaves none to the others.
 */
export interface FilePool extends FileSystem {
  /** Returns how many handles are open at this moment; never more than the limit. */
  handles(): number
}

export interface FilePoolNeeds {
  readonly fs: FileSystem
  /** Handles that are open at once, at least 1. */
  readonly limit: number
}

/** One file that its user has opened: with a handle (`file`), or without one until its next use. */
interface Pooled {
  readonly path: string
  readonly flags: 'r' | 'r+'
  file: LogFile | undefined
  /** Set while the handle is opened or closed: a user waits for it. */
  changing: Promise<void> | undefined
  /** Operations under way: a handle in use is not closed. */
  users: number
  /** Written since the last flush of this handle. */
  unflushed: boolean
  /** A flush that the pool made before it wanted to close the handle failed: the next flush of the user rejects with it. */
  flushFault: Error | undefined
  isClosed: boolean
  whenIdle: (() => void) | undefined
}

interface State extends FilePoolNeeds {
  /** Handles open, or about to be. */
  open: number
  /** Handles without a user, the longest unused first: those that were written to cost a flush. */
  readonly clean: Set<Pooled>
  readonly written: Set<Pooled>
  readonly waiting: (() => void)[]
}

/**
 * Creates the pool. Above the limit the longest unused handle is closed, after a flush where it was written to: a failed flush
 * is reported to a handle that is open, and perhaps to no later one. Each use of a file without a handle opens it again.
 */
export function createFilePool(needs: FilePoolNeeds): FilePool {
  const { fs } = needs
  const state: State = { ...needs, open: 0, clean: new Set(), written: new Set(), waiting: [] }
  return {
    ...fs,
    handles: () => state.open,
    async open(path, flags) {
      const one: Pooled = {
        path,
        flags: flags === 'r' ? 'r' : 'r+',
        file: await openHandle(state, path, flags),
        changing: undefined,
        users: 0,
        unflushed: false,
        flushFault: undefined,
        isClosed: false,
        whenIdle: undefined,
      }
      becameIdle(state, one)
      return pooledFile(state, one)
    },
  }
}

function pooledFile(state: State, one: Pooled): LogFile {
  let closing: Promise<void> | undefined
  const change = async <Result>(work: (file: LogFile) => Promise<Result>) =>
    use(state, one, async (file) => {
      one.unflushed = true
      try {
        return await work(file)
      } finally {
        one.unflushed = true // also where a flush began meanwhile
      }
    })
  const flush = async (work: (file: LogFile) => Promise<void>) =>
    use(state, one, async (file) => {
      const fault = one.flushFault
      one.flushFault = undefined
      if (fault) throw fault
      await flushWritten(one, () => work(file))
    })
  return {
    read: (into, offset, length, position) =>
      use(state, one, (file) => file.read(into, offset, length, position)),
    stat: () => use(state, one, (file) => file.stat()),
    write: (from, offset, length, position) => change((file) => file.write(from, offset, length, position)),
    truncate: (length) => change((file) => file.truncate(length)),
    datasync: () => flush((file) => file.datasync()),
    sync: () => flush((file) => file.sync()),
    close: () => (closing ??= close(state, one)),
  }
}

async function flushWritten(one: Pooled, flush: () => Promise<void>): Promise<void> {
  const { unflushed } = one
  one.unflushed = false
  try {
    await flush()
  } catch (error) {
    one.unflushed = unflushed
    throw error
  }
}

/** Works on the file's handle, which is opened where there is none. Rejects as the work does, or as the opening. */
async function use<Result>(
  state: State,
  one: Pooled,
  work: (file: LogFile) => Promise<Result>,
): Promise<Result> {
  if (one.isClosed) throw Object.assign(new Error(`${one.path} is closed`), { code: 'EBADF' })
  one.users += 1
  state.clean.delete(one)
  state.written.delete(one)
  try {
    return await work(await handleOf(state, one))
  } finally {
    one.users -= 1
    if (one.users === 0) becameIdle(state, one)
  }
}

async function handleOf(state: State, one: Pooled): Promise<LogFile> {
  for (;;) {
    if (one.changing) await one.changing
    else if (one.file) return one.file
    else {
      const opening = openHandle(state, one.path, one.flags).then((file) => void (one.file = file))
      one.changing = opening.finally(() => (one.changing = undefined))
      await one.changing
    }
  }
}

function becameIdle(state: State, one: Pooled): void {
  if (one.isClosed) return one.whenIdle?.()
  if (!one.file || one.changing) return
  const idle = one.unflushed ? state.written : state.clean
  idle.add(one)
  state.waiting.shift()?.()
}

async function openHandle(
  state: State,
  path: string,
  flags: Parameters<FileSystem['open']>[1],
): Promise<LogFile> {
  await takeSlot(state)
  for (;;) {
    try {
      return await state.fs.open(path, flags)
    } catch (error) {
      // Sockets took the handles of the process: those that the pool does not use go for the new one.
      if (errorCode(error) === 'EMFILE' && (await closeOne(state).catch(() => false))) continue
      freeSlot(state)
      throw error
    }
  }
}

/** Resolves once one more handle may be opened. Rejects when every handle without a user must be flushed and cannot. */
async function takeSlot(state: State): Promise<void> {
  while (state.open >= Math.max(1, state.limit)) {
    if (await closeOne(state)) continue
    await new Promise<void>((resolve) => state.waiting.push(resolve))
  }
  state.open += 1
}

function freeSlot(state: State): void {
  state.open -= 1
  state.waiting.shift()?.()
}

/** Closes the longest unused handle; resolves with whether there was one. Rejects when its flush fails; then it stays open. */
async function closeOne(state: State): Promise<boolean> {
  const [one] = state.clean.size > 0 ? state.clean : state.written
  if (!one?.file) return false
  const { file } = one
  state.clean.delete(one)
  state.written.delete(one)
  const closing = flushBeforeClose(one, file).then(() => {
    one.file = undefined
    return file.close().finally(() => freeSlot(state))
  })
  one.changing = closing.catch(() => undefined).finally(() => (one.changing = undefined))
  try {
    await closing
  } finally {
    await one.changing
    if (one.users === 0) becameIdle(state, one)
  }
  return true
}

async function flushBeforeClose(one: Pooled, file: LogFile): Promise<void> {
  if (!one.unflushed) return
  try {
    await flushWritten(one, () => file.datasync())
  } catch (error) {
    one.flushFault = toError(error)
    throw error
  }
}

async function close(state: State, one: Pooled): Promise<void> {
  one.isClosed = true
  state.clean.delete(one)
  state.written.delete(one)
  await one.changing
  if (one.users > 0) await new Promise<void>((resolve) => (one.whenIdle = resolve))
  await one.changing
  const { file } = one
  one.file = undefined
  if (file) await file.close().finally(() => freeSlot(state))
}
