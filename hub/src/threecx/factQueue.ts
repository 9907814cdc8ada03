import type { LiveFact, PbxLink } from '../calls/liveFact.ts'
import type { PbxLegs } from './pbxLegs.ts'
import type { LegsFile } from './legsFile.ts'

/** The receiver of what the PBX reports: the call board. Its rejection keeps the fact in the queue. */
export interface PbxListener {
  /** Resolves once the fact is stored. */
  fact(fact: LiveFact): Promise<unknown>
  /** Resolves once the state of the connection is applied. */
  link(link: PbxLink): Promise<unknown>
}

/**
 * Facts on their way to the call board, in order. It runs while something waits, and stops at a refusal until `retry`
 * or the next fact.
 */
export interface FactQueue {
  /** Queues facts, each until it is delivered. `before`, `after`: the legs, for the names that must outlive the hub. */
  facts(facts: readonly LiveFact[], before: PbxLegs, after: PbxLegs): void
  /** Queues the state of the connection after the facts before it. */
  link(link: PbxLink): void
  /** Tries again what was refused. */
  retry(): void
  /** Resolves when everything that can be delivered is. */
  idle(): Promise<void>
}

type QueueItem =
  | { readonly kind: 'keep'; readonly legs: PbxLegs }
  | { readonly kind: 'fact'; readonly fact: LiveFact }
  | { readonly kind: 'link'; readonly link: PbxLink }

/** The board refuses only when its disk is full or broken: then a morning of facts may wait. */
const MAX_WAITING = 20_000

/**
 * Creates the queue, which delivers facts one after the other: the name of a leg is on the disk before it is used,
 * and is removed once its end is delivered.
 */
export function createFactQueue(needs: {
  readonly listener: PbxListener
  readonly file: LegsFile
  readonly onError: (event: 'threecx.fact-not-stored' | 'threecx.legs-not-saved', error: unknown) => void
}): FactQueue {
  const waiting: QueueItem[] = []
  let running = Promise.resolve()
  let isRunning = false
  let isBroken = false

  const deliver = async (item: QueueItem): Promise<void> => {
    switch (item.kind) {
      case 'keep':
        // A newer one right after it holds the same and more, except where an end must be delivered first.
        if (waiting[1]?.kind === 'keep') return
        try {
          await needs.file.write(item.legs)
          isBroken = false
        } catch (error) {
          if (!isBroken) needs.onError('threecx.legs-not-saved', error)
          isBroken = true
        }
        return
      case 'fact':
        await needs.listener.fact(item.fact)
        return
      case 'link':
        await needs.listener.link(item.link)
        return
    }
  }
  const run = async () => {
    isRunning = true
    for (let item = waiting[0]; item; item = waiting[0]) {
      try {
        await deliver(item)
      } catch (error) {
        needs.onError('threecx.fact-not-stored', error)
        break
      }
      waiting.shift()
    }
    isRunning = false // in the same turn as the last look: what comes next starts it again
  }
  const start = () => {
    if (!isRunning) running = run()
  }
  const enqueue = (...items: readonly QueueItem[]) => {
    waiting.push(...items)
    if (waiting.length > MAX_WAITING) waiting.splice(1, waiting.length - MAX_WAITING)
    start()
  }
  return {
    facts(facts, before, after) {
      if (facts.length === 0) return
      const ended = facts.some(({ state }) => state === 'ended')
      const all: PbxLegs = ended ? new Map([...before, ...after]) : after
      enqueue(
        { kind: 'keep', legs: all },
        ...facts.map((fact): QueueItem => ({ kind: 'fact', fact })),
        ...(ended ? [{ kind: 'keep', legs: after } as const] : []),
      )
    },
    link: (link) => enqueue({ kind: 'link', link }),
    retry: start,
    idle: () => running,
  }
}
