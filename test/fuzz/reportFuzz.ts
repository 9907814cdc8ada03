import { readCorpus, writeCorpus } from './corpus.ts'
import { fuzz } from './fuzz.ts'
import type { FuzzTarget } from './fuzzTarget.ts'

/** FUZZ_SEED=n repeats a run; without it each run tries other inputs. */
const seedOfRun = () => Number(process.env['FUZZ_SEED'] ?? Date.now() % 0xffff_ffff)

/**
 * Fuzzes a target for so long and prints its seed, its inputs and the blocks that it reached; resolves with how many blocks.
 * With FUZZ_KEEP=1 the inputs that reached new blocks are written into the corpus. Rejects with a FuzzFinding.
 */
export async function reportFuzz(target: FuzzTarget, forMs: number): Promise<number> {
  const seed = seedOfRun()
  const corpus = await readCorpus(target.name)
  const { inputs, kept, blocks } = await fuzz({ target, corpus, seed, forMs })
  const { reached, reported } = blocks
  console.log(`fuzz ${target.name}: seed ${seed}, ${inputs} inputs, ${reached} of ${reported} reported blocks reached, corpus ${corpus.length}, ${kept.length} inputs reached a new block`)
  if (process.env['FUZZ_KEEP']) await writeCorpus(target.name, kept)
  return reached
} // prettier-ignore
