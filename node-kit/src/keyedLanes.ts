/**
 * Bounds how much asynchronous work of one key is under way at once. Work of one key begins in the order in which it was
 * added, and each key has its own bound: a key with much to do delays no other key.
 */
export interface KeyedLanes<Key> {
  /** Runs `work` once fewer than the bound of its key are under way. Resolves or rejects with its outcome. */
  run<Result>(key: Key, work: () => Promise<Result> | Result): Promise<Result>
  /** Returns how many pieces of this key run or wait. */
  count(key: Key): number
  /** Resolves once fewer than `depth` pieces of this key run or wait; at once when that is so now. Never rejects. */
  below(key: Key, depth: number): Promise<void>
  /** Resolves once no piece of any key runs or waits, also of those added meanwhile. Never rejects. */
  idle(): Promise<void>
}

interface Lane {
  readonly waiting: (() => void)[]
  running: number
  /** Those that wait for the lane to be short enough. */
  readonly watchers: { readonly depth: number; readonly resolve: () => void }[]
}

/** Creates lanes of `atOnce` pieces each; a key takes memory only while work of it runs or waits. */
export function createKeyedLanes<Key>(atOnce: number): KeyedLanes<Key> {
  const lanes = new Map<Key, Lane>()
  let total = 0
  let idleWatchers: (() => void)[] = []
  const sizeOf = (lane: Lane | undefined) => (lane ? lane.running + lane.waiting.length : 0)

  const leave = (key: Key, lane: Lane) => {
    lane.running -= 1
    total -= 1
    lane.waiting.shift()?.()
    const size = sizeOf(lane)
    for (const watcher of lane.watchers.splice(0)) {
      if (size < watcher.depth) watcher.resolve()
      else lane.watchers.push(watcher)
    }
    if (size === 0) lanes.delete(key)
    if (total === 0) for (const resolve of idleWatchers.splice(0)) resolve()
  }
  return {
    async run(key, work) {
      const lane = lanes.get(key) ?? { waiting: [], running: 0, watchers: [] }
      lanes.set(key, lane)
      total += 1
      if (lane.running < atOnce) lane.running += 1
      else
        await new Promise<void>((resolve) =>
          lane.waiting.push(() => {
            lane.running += 1
            resolve()
          }),
        )
      try {
        return await work()
      } finally {
        leave(key, lane)
      }
    },
    count: (key) => sizeOf(lanes.get(key)),
    below(key, depth) {
      const lane = lanes.get(key)
      if (!lane || sizeOf(lane) < depth) return Promise.resolve()
      return new Promise((resolve) => lane.watchers.push({ depth, resolve }))
    },
    async idle() {
      while (total > 0) await new Promise<void>((resolve) => (idleWatchers = [...idleWatchers, resolve]))
    },
  }
}
