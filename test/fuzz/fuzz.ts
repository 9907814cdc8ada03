import fc from 'fast-check'
import { seededRandom } from '../../recording-log/testing/fakeDisk.ts'
import { openBlockCoverage, type BlockCoverage } from './blockCoverage.ts'
import type { FuzzTarget } from './fuzzTarget.ts'
import { mutate, type Random } from './mutate.ts'

/** Inputs for which the coverage is read once: reading it costs as much as some hundred inputs. */
const BATCH = 200
/** One input in so many is made by fast-check instead of mutated. */
const MADE = 5

export interface FuzzOrder {
  readonly target: FuzzTarget
  readonly corpus: readonly Uint8Array[]
  readonly seed: number
  readonly forMs: number
}

export interface FuzzResult {
  readonly inputs: number
  /** Inputs that reached a block which no earlier one had, in the order in which they were found. */
  readonly kept: readonly Uint8Array[]
  readonly blocks: { readonly reached: number; readonly reported: number }
}

/** An input for which the border breaks a promise. The message names target, seed and input, so that a test can repeat it. */
export class FuzzFinding extends Error {}

/**
 * Feeds a border with seeds, then with mutations of the corpus and with made inputs, until the time is over; an input that
 * reaches a new block joins the corpus. The same seed gives the same inputs. Rejects with a FuzzFinding at the first one for
 * which the target's check fails.
 */
export async function fuzz({ target, corpus, seed, forMs }: FuzzOrder): Promise<FuzzResult> {
  await using coverage = await openBlockCoverage(target.sources)
  const random = seededRandom(seed)
  const made = fc.sample(target.arbitrary, { seed, numRuns: 1_000 })
  const starts = [...target.seeds(), ...corpus]
  const kept = await run(coverage, target, seed, starts)
  const until = performance.now() + forMs
  let inputs = starts.length
  while (performance.now() < until) {
    const pool = [...starts, ...kept]
    const batch = Array.from({ length: BATCH }, () => nextInput(random, { target, made, pool }))
    kept.push(...(await run(coverage, target, seed, batch)))
    inputs += batch.length
  }
  return { inputs, kept, blocks: coverage.blocks() }
}

function nextInput(
  random: Random,
  { target, made, pool }: { target: FuzzTarget; made: readonly Uint8Array[]; pool: readonly Uint8Array[] },
): Uint8Array {
  const { dictionary, repair } = target
  const from = random() < 1 / MADE ? made : pool
  const base = from[Math.floor(random() * from.length)] ?? new Uint8Array()
  const changed = mutate(random, base, { corpus: pool, dictionary })
  return repair && random() < 0.5 ? repair(changed) : changed
}

/**
 * Checks all inputs; resolves with those that reached new blocks. Where a batch reached some, its inputs run once more one by
 * one, until each new block has its input: that is rare once the corpus is good.
 */
async function run(
  coverage: BlockCoverage,
  target: FuzzTarget,
  seed: number,
  inputs: readonly Uint8Array[],
): Promise<Uint8Array[]> {
  for (const input of inputs) await checkOne(target, seed, input)
  const fresh = await coverage.take()
  const found: Uint8Array[] = []
  for (const input of inputs) {
    if (fresh.size === 0) break
    await checkOne(target, seed, input)
    if (await coverage.claim(fresh)) found.push(input)
  }
  return found
}

async function checkOne(target: FuzzTarget, seed: number, input: Uint8Array): Promise<void> {
  try {
    await target.check(input)
  } catch (cause) {
    const shown = Buffer.from(input).toString('base64')
    throw new FuzzFinding(`${target.name}, seed ${seed}: ${String(cause)}\ninput (base64): ${shown}`, {
      cause,
    })
  }
}
