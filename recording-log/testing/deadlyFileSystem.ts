import { writeFileSync } from 'node:fs'
import { nodeFileSystem, type FileSystem, type LogFile } from '../src/fileSystem.ts'

type Kill = 'before' | 'after' | 'half'

/**
 * The real file system, whose process kills itself (SIGKILL: nothing is flushed, no peer is notified) at its `dieAt`-th
 * change of the disk: before it, right after it, or when half of a write is done. `noteFile` names that change.
 */
export function createDeadlyFileSystem(dieAt: number, noteFile: string): FileSystem {
  let changes = 0
  const die = (what: string) => {
    writeFileSync(noteFile, what)
    process.kill(process.pid, 'SIGKILL')
    for (;;); // Spins until the signal arrives; nothing else of this process may run.
  }
  const change = async <T>(
    what: string,
    act: () => Promise<T>,
    half?: () => Promise<unknown>,
  ): Promise<T> => {
    changes += 1
    const mine = changes
    const how: Kill | undefined =
      mine === dieAt ? (['before', 'after', 'half'] as const)[dieAt % 3] : undefined
    if (how === 'before') die(`before ${what}`)
    if (how === 'half' && half) {
      await half()
      die(`half ${what}`)
    }
    const result = await act()
    if (how) die(`after ${what}`)
    return result
  }
  const deadly = (file: LogFile): LogFile => ({
    read: (into, offset, length, position) => file.read(into, offset, length, position),
    write: (from, offset, length, position) =>
      change(
        'write',
        () => file.write(from, offset, length, position),
        () => file.write(from, offset, Math.floor(length / 2), position),
      ),
    truncate: (length) => change('truncate', () => file.truncate(length)),
    datasync: () => change('datasync', () => file.datasync()),
    sync: () => change('sync', () => file.sync()),
    stat: () => file.stat(),
    close: () => file.close(),
  })
  return {
    open: (path, flags) =>
      flags === 'r' || flags === 'r+'
        ? nodeFileSystem.open(path, flags).then(deadly)
        : change('create', () => nodeFileSystem.open(path, flags)).then(deadly),
    syncFolder: (path) => change('folder sync', () => nodeFileSystem.syncFolder(path)),
    makeFolder: (path) => change('folder', () => nodeFileSystem.makeFolder(path)),
    list: (path) => nodeFileSystem.list(path),
    rename: (from, to) => change('rename', () => nodeFileSystem.rename(from, to)),
    remove: (path) => change('remove', () => nodeFileSystem.remove(path)),
    freeBytes: (path) => nodeFileSystem.freeBytes(path),
    totalBytes: (path) => nodeFileSystem.totalBytes(path),
  }
}
