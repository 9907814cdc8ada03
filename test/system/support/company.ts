import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  draft as draftSchema,
  utterance as utteranceSchema,
  type Draft,
  type Utterance,
} from '@3cx-ninja/protocol'
import { onTestFinished } from 'vitest'
import { ask } from '../../../scripts/site/ask.ts'
import type { Part, PartLine } from '../../../scripts/site/part.ts'
import { openSite, type Site } from '../../../scripts/site/site.ts'
import type { RoleName } from '../../../scripts/site/siteState.ts'

/** Time limit of the transcription on a machine with other work. */
export const TRANSCRIBED_MS = 120_000
export const FILED_MS = 180_000

export interface Company extends Site {
  /** Finals that the agent has received, each once, in the order of their arrival. */
  readonly finals: ReadonlyMap<string, Utterance>
  /** Orders the sandbox NinjaOne to fail. */
  fault(order: object): Promise<void>
  /** Steps of the scripted telephone. */
  phone(agent: Part, ...steps: readonly object[]): void
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts every part as its own process in a fresh folder, wired as at a customer's. A failed test keeps the logs. */
export async function openCompany(hubSettings: Readonly<Record<string, object>> = {}): Promise<Company> {
  const folder = await mkdtemp(path.join(tmpdir(), '3cx-ninja-system-'))
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'pass') await rm(folder, { recursive: true, force: true })
    else process.stderr.write(`Logs: ${path.join(folder, 'logs')}\n`)
  })
  const finals = new Map<string, Utterance>()
  const onLine = (from: RoleName, line: PartLine) => {
    if (from !== 'agent' || line.kind !== 'utterance') return
    const said = utteranceSchema.parse(line.utterance)
    if (said.state === 'final') finals.set(said.utteranceId, said)
  }
  const site = await openSite({
    folder,
    onLine,
    hubSettings: { tickets: { countdownSeconds: 5, undoSeconds: 1, settleSeconds: 3 }, ...hubSettings },
  })
  return {
    ...site,
    finals,
    async fault(order) {
      const answer = await ask(`${site.ninjaUrl}/sandbox/faults`, { body: order })
      if (answer.status !== 200) throw new Error(`The sandbox refused the fault: ${answer.text}`)
    },
    phone(agent, ...steps) {
      for (const step of steps) agent.write(`${JSON.stringify(step)}\n`)
    },
    [Symbol.asyncDispose]: () => site.stop(),
  }
}

/** Returns the condition that the technician has seen a final with these words. */
export const transcribed = (words: RegExp) => (line: PartLine) =>
  line.kind === 'utterance' &&
  utteranceSchema.parse(line.utterance).state === 'final' &&
  words.test(utteranceSchema.parse(line.utterance).text)

export const draftOf = (line: PartLine): Draft | undefined =>
  line.kind === 'draft' ? draftSchema.parse(line.draft) : undefined
export const draftAt = (at: Draft['state']['at']) => (line: PartLine) => draftOf(line)?.state.at === at
