import type { Clock } from '@3cx-ninja/protocol'
import type { CallControlTuning } from './tuning.ts'

export interface Asking {
  /** An event came about it: it is asked for, once however often that is said meanwhile. */
  ask(extension: string, id: number): void
  /** It is known otherwise, newer than any answer that is under way. */
  forget(extension: string, id: number): void
  /** A list answers for all that waits. */
  clear(): void
  stop(): void
}

interface Asked {
  readonly extension: string
  readonly id: number
}

/** Asks for participants one by one: a few at once, a few each second. More than that is a case for a list. */
export function createAsking(needs: {
  readonly clock: Clock
  readonly tuning: CallControlTuning
  /** Does not reject. Resolves with what to do with the answer, if it is still the newest word. */
  readonly fetch: (asked: Asked) => Promise<() => void>
  readonly onMany: () => void
}): Asking {
  const { clock, tuning } = needs
  const waiting = new Map<string, Asked>()
  const underWay = new Map<string, { isOld: boolean }>()
  let startedMs: number[] = []
  let cancel: (() => void) | undefined
  let isStopped = false

  const pump = () => {
    if (isStopped) return
    const nowMs = clock.monotonicMs()
    startedMs = startedMs.filter((atMs) => atMs > nowMs - 1_000)
    for (const [key, asked] of waiting) {
      if (underWay.size >= tuning.asksAtOnce) return
      if (startedMs.length >= tuning.asksPerSecond) {
        cancel ??= clock.after((startedMs[0] ?? nowMs) + 1_000 - nowMs, () => {
          cancel = undefined
          pump()
        })
        return
      }
      if (underWay.has(key)) continue
      waiting.delete(key)
      startedMs.push(nowMs)
      void run(key, asked)
    }
  }
  const run = async (key: string, asked: Asked) => {
    const one = { isOld: false }
    underWay.set(key, one)
    const use = await needs.fetch(asked)
    underWay.delete(key)
    if (!one.isOld && !isStopped) use()
    pump()
  }
  const outdate = (key: string) => {
    const one = underWay.get(key)
    if (one) one.isOld = true
  }

  return {
    ask(extension, id) {
      const key = `${extension}/${id}`
      outdate(key)
      waiting.set(key, { extension, id })
      if (waiting.size > tuning.manyAsks) needs.onMany()
      else pump()
    },
    forget(extension, id) {
      const key = `${extension}/${id}`
      outdate(key)
      waiting.delete(key)
    },
    clear: () => waiting.clear(),
    stop() {
      isStopped = true
      waiting.clear()
      cancel?.()
    },
  }
}
