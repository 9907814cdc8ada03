import type { LiveFact, PbxLink } from '../calls/liveFact.ts'
import type { Held } from './heldCalls.ts'
import type { LegsFile } from './legsFile.ts'

/** Whoever hears what the PBX tells: the call board. */
export interface PbxListener {
  fact(fact: LiveFact): Promise<unknown>
  link(link: PbxLink): Promise<unknown>
}

export interface Telling {
  /** In order, each until it is taken. `before`, `after`: what was held, for the names that must outlive the hub. */
  facts(facts: readonly LiveFact[], before: Held, after: Held): void
  link(link: PbxLink): void
  /** Tries again what was not taken. */
  again(): void
  /** Resolves when all is told that can be. */
  idle(): Promise<void>
}

type Word =
  | { readonly is: 'keep'; readonly held: Held }
  | { readonly is: 'fact'; readonly fact: LiveFact }
  | { readonly is: 'link'; readonly link: PbxLink }

/** The board refuses only when its disk is full or broken: then a morning of facts may wait. */
const MAX_WAITING = 20_000

/** Tells facts one after the other: the name of a leg is on the disk before it is used, and goes when its end is told. */
export function createTelling(needs: {
  readonly listener: PbxListener
  readonly file: LegsFile
  readonly onTrouble: (event: 'threecx.not-taken' | 'threecx.legs-not-saved', error: unknown) => void
}): Telling {
  const waiting: Word[] = []
  let running = Promise.resolve()
  let isRunning = false
  let isBroken = false

  const say = async (word: Word): Promise<void> => {
    switch (word.is) {
      case 'keep':
        // Newer ones behind it hold the same and more, except where an end is to be told first.
        if (waiting[1]?.is === 'keep') return
        try {
          await needs.file.write(word.held)
          isBroken = false
        } catch (error) {
          if (!isBroken) needs.onTrouble('threecx.legs-not-saved', error)
          isBroken = true
        }
        return
      case 'fact':
        await needs.listener.fact(word.fact)
        return
      case 'link':
        await needs.listener.link(word.link)
        return
    }
  }
  const run = async () => {
    isRunning = true
    for (let word = waiting[0]; word; word = waiting[0]) {
      try {
        await say(word)
      } catch (error) {
        needs.onTrouble('threecx.not-taken', error)
        break
      }
      waiting.shift()
    }
    isRunning = false // in the same turn as the last look: what comes next starts it again
  }
  const start = () => {
    if (!isRunning) running = run()
  }
  const add = (...words: readonly Word[]) => {
    waiting.push(...words)
    if (waiting.length > MAX_WAITING) waiting.splice(1, waiting.length - MAX_WAITING)
    start()
  }
  return {
    facts(facts, before, after) {
      if (facts.length === 0) return
      const ended = facts.some(({ tells }) => tells === 'ended')
      const all: Held = ended ? new Map([...before, ...after]) : after
      add(
        { is: 'keep', held: all },
        ...facts.map((fact): Word => ({ is: 'fact', fact })),
        ...(ended ? [{ is: 'keep', held: after } as const] : []),
      )
    },
    link: (link) => add({ is: 'link', link }),
    again: start,
    idle: () => running,
  }
}
