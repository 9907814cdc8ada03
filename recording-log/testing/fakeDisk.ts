import path from 'node:path'
import type { FileSystem, LogFile } from '../src/fileSystem.ts'

/** Returns a source of numbers in [0, 1), the same sequence for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

type Change = { readonly at: number; readonly bytes: Buffer } | { readonly truncateTo: number }
interface Inode {
  current: Buffer
  durable: Buffer
  /** Changes since the last flush: after a power cut each of them may be there, or not, or half. */
  unflushed: Change[]
}
type NameChange = { readonly name: string; readonly inode: Inode | undefined }

export type Operation = 'open' | 'write' | 'datasync' | 'sync' | 'truncate' | 'remove'

export interface FakeDisk {
  readonly fs: FileSystem
  /** Kills the process that uses the disk: its handles are dead, its writes stay in the system's memory. */
  kill(): void
  /** Kills that process and loses a random share of the unflushed changes. Names, too, unless their folder was flushed. */
  cutPower(random: () => number): void
  /** From now on only so many bytes more may be written. */
  setRoom(bytes: number): void
  /** Each of the next operations of this kind is refused with this code, until `heal`. */
  refuse(operation: Operation, code: string): void
  heal(): void
  /** Returns the present bytes of a file. */
  bytesOf(file: string): Buffer
  /** Replaces a file without any process noticing. */
  put(file: string, bytes: Buffer): void
  files(): readonly string[]
  readonly flushes: number
}

/** A disk in memory that can be full, broken, or lose power; flushes are the only thing it promises. */
export function createFakeDisk(): FakeDisk {
  let names = new Map<string, Inode>()
  let durableNames = new Map<string, Inode>()
  const unflushedNames = new Map<string, NameChange[]>()
  const folders = new Set<string>(['/'])
  const refusals = new Map<Operation, string>()
  let room = Infinity
  let life = 0
  let flushes = 0

  const failed = (code: string, what: string) => Object.assign(new Error(`${code}: ${what}`), { code })
  const enter = async (operation: Operation | undefined, born: number, what: string) => {
    await Promise.resolve()
    if (born !== life) throw failed('EIO', `${what} of a process that is dead`)
    const code = operation && refusals.get(operation)
    if (code) throw failed(code, what)
  }
  const rename = (name: string, inode: Inode | undefined) => {
    const folder = path.dirname(name)
    unflushedNames.set(folder, [...(unflushedNames.get(folder) ?? []), { name, inode }])
    if (inode) names.set(name, inode)
    else names.delete(name)
  }

  const flush = async (operation: Operation, inode: Inode, born: number, name: string) => {
    const changes = new Set(inode.unflushed)
    try {
      await enter(operation, born, name)
    } catch (error) {
      // Like Linux: after a refused flush the pages count as clean, and no later flush writes them.
      if (refusals.has(operation)) inode.unflushed = inode.unflushed.filter((change) => !changes.has(change))
      throw error
    }
    flushes += 1
    for (const change of inode.unflushed)
      if (changes.has(change)) inode.durable = applied(inode.durable, change)
    inode.unflushed = inode.unflushed.filter((change) => !changes.has(change))
  }
  const handleOf = (inode: Inode, name: string, born: number): LogFile => ({
    async read(into, offset, length, position) {
      await enter(undefined, born, name)
      const bytesRead = inode.current.copy(into, offset, position, position + length)
      return { bytesRead }
    },
    async write(from, offset, length, position) {
      await enter('write', born, name)
      const growth = Math.max(0, position + length - inode.current.length)
      const fits = Math.max(0, length - Math.max(0, growth - room))
      if (fits === 0 && length > 0) throw failed('ENOSPC', name)
      room -= Math.min(growth, room)
      const change = { at: position, bytes: Buffer.from(from.subarray(offset, offset + fits)) }
      inode.current = applied(inode.current, change)
      inode.unflushed.push(change)
      return { bytesWritten: fits }
    },
    async truncate(length) {
      await enter('truncate', born, name)
      const change = { truncateTo: length }
      inode.current = applied(inode.current, change)
      inode.unflushed.push(change)
    },
    datasync: () => flush('datasync', inode, born, name),
    sync: () => flush('sync', inode, born, name),
    async stat() {
      await enter(undefined, born, name)
      return { size: inode.current.length }
    },
    close: () => Promise.resolve(),
  })
  const fsOf = (born: number): FileSystem => ({
    async open(name, flags) {
      await enter('open', born, name)
      let inode = names.get(name)
      if (flags === 'wx+' && inode) throw failed('EEXIST', name)
      if ((flags === 'r' || flags === 'r+') && !inode) throw failed('ENOENT', name)
      if (!folders.has(path.dirname(name))) throw failed('ENOENT', name)
      if (!inode) {
        inode = { current: Buffer.alloc(0), durable: Buffer.alloc(0), unflushed: [] }
        rename(name, inode)
      } else if (flags === 'w+') {
        inode.current = Buffer.alloc(0)
        inode.unflushed.push({ truncateTo: 0 })
      }
      return handleOf(inode, name, born)
    },
    async syncFolder(folder) {
      await enter('sync', born, folder)
      for (const [each, changes] of unflushedNames) {
        if (each !== folder && (folders.has(each) || path.dirname(each) !== folder)) continue
        for (const { name, inode } of changes) setName(durableNames, name, inode)
        unflushedNames.delete(each)
      }
    },
    async makeFolder(folder) {
      await enter(undefined, born, folder)
      for (let each = folder; each !== '/' && each !== '.'; each = path.dirname(each)) folders.add(each)
    },
    async list(folder) {
      await enter(undefined, born, folder)
      if (!folders.has(folder)) throw failed(names.has(folder) ? 'ENOTDIR' : 'ENOENT', folder)
      return [...names.keys(), ...folders]
        .filter((name) => path.dirname(name) === folder && name !== folder)
        .map((name) => path.basename(name))
        .sort()
    },
    async rename(from, to) {
      await enter(undefined, born, from)
      const inode = names.get(from)
      if (!inode) throw failed('ENOENT', from)
      rename(to, inode)
      rename(from, undefined)
    },
    async remove(name) {
      await enter('remove', born, name)
      for (const each of [...names.keys()])
        if (each === name || each.startsWith(`${name}/`)) {
          room += names.get(each)?.current.length ?? 0
          rename(each, undefined)
        }
      folders.delete(name)
    },
    async freeBytes(folder) {
      await enter(undefined, born, folder)
      return Math.min(room, 1e12)
    },
    totalBytes: () => Promise.resolve(0),
  })

  return {
    get fs() {
      return fsOf(life)
    },
    kill: () => void (life += 1),
    cutPower(random) {
      life += 1
      for (const inode of new Set([...names.values(), ...durableNames.values()])) {
        for (const change of inode.unflushed) {
          if (random() < 0.4) continue
          const torn = 'bytes' in change && random() < 0.3
          const kept = torn
            ? { at: change.at, bytes: change.bytes.subarray(0, Math.floor(random() * change.bytes.length)) }
            : change
          inode.durable = applied(inode.durable, kept)
        }
        inode.unflushed = []
        inode.current = inode.durable
      }
      // Folders are journaled: the first of the changes to names survive.
      for (const changes of unflushedNames.values())
        for (const { name, inode } of changes.slice(0, Math.floor(random() * (changes.length + 1))))
          setName(durableNames, name, inode)
      unflushedNames.clear()
      names = new Map(durableNames)
      durableNames = new Map(names)
    },
    setRoom: (bytes) => void (room = bytes),
    refuse: (operation, code) => void refusals.set(operation, code),
    heal() {
      refusals.clear()
      room = Infinity
    },
    bytesOf(file) {
      const inode = names.get(file)
      if (!inode) throw failed('ENOENT', file)
      return Buffer.from(inode.current)
    },
    put(file, bytes) {
      const inode = { current: bytes, durable: bytes, unflushed: [] }
      for (let each = path.dirname(file); each !== '/'; each = path.dirname(each)) folders.add(each)
      names.set(file, inode)
      durableNames.set(file, inode)
    },
    files: () => [...names.keys()].sort(),
    get flushes() {
      return flushes
    },
  }
}

function applied(bytes: Buffer, change: Change): Buffer {
  if ('truncateTo' in change) return Buffer.from(bytes.subarray(0, change.truncateTo))
  const result = Buffer.alloc(Math.max(bytes.length, change.at + change.bytes.length))
  bytes.copy(result)
  change.bytes.copy(result, change.at)
  return result
}

function setName(names: Map<string, Inode>, name: string, inode: Inode | undefined): void {
  if (inode) names.set(name, inode)
  else names.delete(name)
}
