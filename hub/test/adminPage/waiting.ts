import type { Draft } from '@3cx-ninja/protocol'
import type { RawLink } from '../../testing/rawClient.ts'

/** Resolves once the condition holds; each check waits for an answer of the hub. Rejects after 2,000 checks. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 2_000; turn += 1) {
    if (await holds()) return
    await new Promise(setImmediate)
  }
  throw new Error(`never: ${what}`)
}

/** Resolves with the next draft that the hub proposes to this agent. */
export async function nextProposed(link: RawLink): Promise<Draft> {
  for (;;) {
    const { draft } = (await link.next('draft')) as unknown as { draft: Draft }
    if (draft.state.at === 'proposed') return draft
  }
}
