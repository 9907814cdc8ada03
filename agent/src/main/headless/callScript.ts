import { readFileSync } from 'node:fs'
import { direction, type Clock } from '@3cx-ninja/protocol'
import { z } from 'zod'
import type { CallFact, UserAction } from '../call/callState.ts'

const step = z.object({
  /** Seconds after the start of the script; with neither `at` nor `after`, at once. */
  at: z.number().min(0).optional(),
  /** After the previous step, once the audio file has been played. */
  after: z.literal('audio').optional(),
  action: z.enum([
    'ring',
    'talk',
    'hold',
    'resume-call',
    'hang-up',
    'hint',
    'pause',
    'resume',
    'mark',
    'stop',
    'start',
    'erase',
  ]),
  leg: z.string().max(64).optional(),
  number: z.string().max(64).optional(),
  name: z.string().max(160).optional(),
  direction: direction.optional(),
})
export type ScriptStep = z.infer<typeof step>

/** Parses one JSON line of a script; undefined for an empty line or a comment. Throws with the line and what is wrong with it. */
export function parseStep(line: string): ScriptStep | undefined {
  if (line.trim() === '' || line.startsWith('#')) return undefined
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new Error(`Script line is not JSON: ${line.slice(0, 80)}`)
  }
  const parsed = step.safeParse(value)
  if (!parsed.success) throw new Error(`Script line ${line.slice(0, 80)}: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}

/** Reads a script from a file. Throws with the remedy when it cannot be read, or with the line that is wrong. */
export function readScript(file: string): readonly ScriptStep[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Error(`Cannot read the script ${file}: check the path after --script.`, { cause })
  }
  return text
    .split('\n')
    .map(parseStep)
    .filter((step) => step !== undefined)
}

export interface ScriptTargets {
  readonly fact: (fact: CallFact) => void
  readonly act: (action: UserAction) => void
  /** Starts the audio file when the call is answered. */
  readonly play: () => void
  readonly played: Promise<void>
}

/** Returns a script that runs its steps in order, at their times, `speed` times faster, until `stop`. */
export function createCallScript(needs: ScriptTargets & { readonly clock: Clock; readonly speed: number }) {
  const startedMs = needs.clock.monotonicMs()
  let isPlaying = false
  let previous: Promise<void> = Promise.resolve()
  const cancels = new Set<() => void>()

  const until = (dueMs: number) =>
    new Promise<void>((resolve) => {
      const cancel = needs.clock.after(dueMs - needs.clock.monotonicMs(), () => {
        cancels.delete(cancel)
        resolve()
      })
      cancels.add(cancel)
    })
  const carryOut = ({ action: what, leg, number, name, direction: way }: ScriptStep) => {
    const report = (state: CallFact['state']) =>
      needs.fact({
        source: 'script',
        state,
        ...(leg ? { leg } : {}),
        ...(number ? { remoteNumber: number } : {}),
        ...(name ? { remoteName: name } : {}),
        ...(way ? { direction: way } : {}),
      })
    switch (what) {
      case 'ring':
        return report('ringing')
      case 'talk':
        report('talking')
        if (!isPlaying) needs.play()
        isPlaying = true
        return
      case 'resume-call':
        return report('talking')
      case 'hold':
        return report('held')
      case 'hang-up':
        return report('ended')
      case 'hint':
        return report('hint')
      case 'pause':
      case 'resume':
      case 'mark':
      case 'stop':
      case 'start':
      case 'erase':
        return needs.act(what)
    }
  }

  return {
    /** Resolves when the step was carried out. */
    add(next: ScriptStep): Promise<void> {
      previous = previous.then(async () => {
        if (next.after === 'audio') await needs.played
        if (next.at !== undefined) await until(startedMs + (next.at * 1_000) / needs.speed)
        carryOut(next)
      })
      return previous
    },
    stop() {
      for (const cancel of cancels) cancel()
    },
  }
}
