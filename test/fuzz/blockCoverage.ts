import { Session, type Profiler } from 'node:inspector/promises'

/** Code of one function by character: whether it has run. The starts of the ranges that V8 reports are its blocks. */
interface FunctionCoverage {
  readonly reached: Uint8Array
  readonly starts: Set<number>
}

/** Characters by the function whose code they are. */
type Characters = Map<string, Set<number>>

export interface BlockCoverage extends AsyncDisposable {
  /** Resolves with the characters that have run since the last call and never before. */
  take(): Promise<Characters>
  /** Resolves with whether any of these characters has run since the last call of either method, and removes those that have. */
  claim(from: Characters): Promise<boolean>
  /** Returns how many blocks have run, and how many V8 has reported so far. */
  readonly blocks: () => { readonly reached: number; readonly reported: number }
}

/**
 * Counts the blocks of these scripts that this process runs, by V8's precise coverage. V8 reports a block only while its count
 * differs from that of the block that holds it, so what has run is remembered by character, and for each function apart: the
 * ranges of a function say nothing of the functions inside it. Resolves once V8 counts.
 */
export async function openBlockCoverage(sources: RegExp): Promise<BlockCoverage> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const functions = new Map<string, FunctionCoverage>()
  const counted = async () => {
    const { result } = await session.post('Profiler.takePreciseCoverage')
    return result.filter(({ url }) => sources.test(url)).flatMap(calledFunctions)
  }
  await counted()
  return {
    async take() {
      const fresh: Characters = new Map()
      for (const called of await counted()) {
        const characters = add(functions, called)
        if (characters.size > 0) fresh.set(called.id, characters)
      }
      return fresh
    },
    async claim(from) {
      let isAny = false
      for (const { id, ranges } of await counted()) {
        const wanted = from.get(id)
        if (!wanted) continue
        forEachReached(ranges, (at) => (isAny = wanted.delete(at) || isAny))
        if (wanted.size === 0) from.delete(id)
      }
      return isAny
    },
    blocks: () => countBlocks(functions.values()),
    async [Symbol.asyncDispose]() {
      await session.post('Profiler.stopPreciseCoverage')
      session.disconnect()
    },
  }
}

interface CalledFunction {
  readonly id: string
  readonly ranges: readonly Profiler.CoverageRange[]
}

function calledFunctions({ url, functions }: Profiler.ScriptCoverage): CalledFunction[] {
  return functions.flatMap(({ ranges }) => {
    const [whole] = ranges
    return whole && whole.count > 0 ? [{ id: `${url}:${whole.startOffset}-${whole.endOffset}`, ranges }] : []
  })
}

/** Adds what a function has run; returns the characters of it that had never run before. */
function add(functions: Map<string, FunctionCoverage>, { id, ranges }: CalledFunction): Set<number> {
  const length = (ranges[0]?.endOffset ?? 0) - (ranges[0]?.startOffset ?? 0)
  const coverage = functions.get(id) ?? { reached: new Uint8Array(length), starts: new Set<number>() }
  functions.set(id, coverage)
  const fresh = new Set<number>()
  for (const { startOffset } of ranges) coverage.starts.add(startOffset - (ranges[0]?.startOffset ?? 0))
  forEachReached(ranges, (at) => {
    if (coverage.reached[at]) return
    coverage.reached[at] = 1
    fresh.add(at)
  })
  return fresh
}

/** Calls for each character that has run, counted from the function's start. Inner ranges come after the one that holds them. */
function forEachReached(ranges: readonly Profiler.CoverageRange[], call: (at: number) => void): void {
  const [whole] = ranges
  if (!whole) return
  const start = whole.startOffset
  const ran = new Uint8Array(whole.endOffset - start)
  for (const { startOffset, endOffset, count } of ranges)
    ran.fill(count > 0 ? 1 : 0, startOffset - start, endOffset - start)
  for (let at = 0; at < ran.length; at++) if (ran[at]) call(at)
}

function countBlocks(functions: Iterable<FunctionCoverage>) {
  let [reached, reported] = [0, 0]
  for (const { reached: ran, starts } of functions) {
    for (const start of starts) {
      reported++
      if (ran[start]) reached++
    }
  }
  return { reached, reported }
}
