import type { Kernel } from '../../src/main/detection/windows/native/kernel.ts'
import type { Handle } from '../../src/main/detection/windows/native/koffi.ts'
import type { Registry } from '../../src/main/detection/windows/native/registry.ts'

interface Key {
  readonly path: string
  deleted: boolean
  readonly values: Map<string, bigint>
}
interface Armed {
  readonly key: Key
  readonly handle: Handle
  readonly of: 'tree' | 'names'
  readonly event: Handle
}

/** Returns the registry and the events of Windows in memory, with the rule that matters for a watch: handles of deleted keys die. */
export interface MemoryWindows {
  readonly registry: Registry
  readonly kernel: Kernel
  /** Creates the key and the keys above it, as RegCreateKeyEx does. */
  write(path: string, name: string, value: bigint): void
  deleteTree(path: string): void
  /** The registry calls this function with each opened key, before the program goes on: the moment of a race. */
  onOpen: (path: string) => void
  /** Returns the handles and events that were never closed. */
  readonly leftOpen: () => number
}

export function createMemoryWindows(existing: readonly string[] = ['Software']): MemoryWindows {
  const keys = new Map<string, Key>()
  const handles = new Map<Handle, Key>()
  const events = new Map<Handle, { set: boolean }>()
  const waiting = new Set<() => void>()
  let armed: Armed[] = []
  let nextHandle = 1

  const signal = (event: Handle) => {
    const known = events.get(event)
    if (known) known.set = true
    for (const check of [...waiting]) check()
  }
  const fire = (which: (one: Armed) => boolean) => {
    const due = armed.filter(which)
    armed = armed.filter((one) => !due.includes(one))
    for (const { event } of due) signal(event)
  }
  const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('\\')))
  const isBelow = (path: string, ancestor: string) => path.startsWith(`${ancestor}\\`)
  const namesChanged = (path: string) =>
    fire(({ key, of }) => key.path === parentOf(path) || (of === 'tree' && isBelow(path, key.path)))
  const make = (path: string): Key => {
    const known = keys.get(path)
    if (known) return known
    if (path.includes('\\')) make(parentOf(path))
    const key: Key = { path, deleted: false, values: new Map() }
    keys.set(path, key)
    namesChanged(path)
    return key
  }
  for (const path of existing) make(path)

  const windows: MemoryWindows = {
    onOpen: () => undefined,
    write(path, name, value) {
      make(path).values.set(name, value)
      fire(({ key, of }) => of === 'tree' && (key.path === path || isBelow(path, key.path)))
    },
    deleteTree(path) {
      for (const [each, key] of [...keys]) {
        if (each !== path && !isBelow(each, path)) continue
        keys.delete(each)
        key.deleted = true
        fire((one) => one.key === key)
      }
      namesChanged(path)
    },
    leftOpen: () => handles.size + events.size,
    registry: {
      open(path, from) {
        const base = from === undefined ? '' : `${handles.get(from)?.path ?? ''}\\`
        const key = keys.get(base + path)
        windows.onOpen(base + path)
        if (!key || key.deleted) return undefined
        handles.set(nextHandle, key)
        return nextHandle++
      },
      close(handle) {
        fire((one) => one.handle === handle)
        handles.delete(handle)
      },
      subkeys: (handle) =>
        [...keys.keys()].flatMap((path) =>
          parentOf(path) === handles.get(handle)?.path ? [path.slice(parentOf(path).length + 1)] : [],
        ),
      qword: (handle, name) => handles.get(handle)?.values.get(name),
      notify(handle, of, event) {
        const key = handles.get(handle)
        if (!key || key.deleted) return false
        armed.push({ key, handle, of, event })
        return true
      },
    },
    kernel: {
      createEvent() {
        events.set(nextHandle, { set: false })
        return nextHandle++
      },
      set: signal,
      close: (handle) => void events.delete(handle),
      waitForAny: (of) =>
        new Promise((resolve) => {
          const check = () => {
            const index = of.findIndex((event) => events.get(event)?.set)
            const found = events.get(of[index] ?? 0)
            if (!found) return
            found.set = false
            waiting.delete(check)
            resolve(index)
          }
          waiting.add(check)
          check()
        }),
    },
  }
  return windows
}
