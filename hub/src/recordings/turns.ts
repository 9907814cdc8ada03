/** One thing at a time for each key; keys do not wait for each other. */
export function createTurns<Key>() {
  const last = new Map<Key, Promise<unknown>>()
  return {
    take<T>(key: Key, work: () => Promise<T>): Promise<T> {
      const before = last.get(key) ?? Promise.resolve()
      const done = before.then(work)
      const settled: Promise<unknown> = done
        .catch(() => undefined)
        .then(() => {
          if (last.get(key) === settled) last.delete(key)
        })
      last.set(key, settled)
      return done
    },
  }
}
