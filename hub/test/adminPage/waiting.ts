import type { Draft } from '@3cx-ninja/protocol'
import type { RawLink } from '../../testing/rawClient.ts'

/** Asks until it holds; each question is an answer of the hub waited for. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 2_000; turn += 1) {
    if (await holds()) return
    await new Promise(setImmediate)
  }
  throw new Error(`never: ${what}`)
}

/** The next draft that this agent is offered. */
export async function nextProposed(link: RawLink): Promise<Draft> {
  for (;;) {
    const { draft } = (await link.next('draft')) as unknown as { draft: Draft }
    if (draft.state.at === 'proposed') return draft
  }
}
