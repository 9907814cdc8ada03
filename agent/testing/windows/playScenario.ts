import { spawnSync } from 'node:child_process'
import { z } from 'zod'
import { build, player } from '../../../scripts/native/loopback.ts'
import { readHelperSound, type HelperSound } from './helperSound.ts'

const totals = z.object({
  packets: z.number(),
  sound: z.number(),
  silence: z.number(),
  cut: z.number(),
  skipped: z.number(),
  glitches: z.number(),
})

export interface PlayedScenario extends HelperSound {
  readonly totals: z.infer<typeof totals>
}

/** Plays the lines of a scenario (agent/testing/windows/loopback/scenario.h) through the helper's C, on a card of this format. */
export async function playScenario(
  lines: readonly string[],
  { format = '48000 2 f32', hz = 440 }: { format?: string; hz?: number } = {},
): Promise<PlayedScenario> {
  const played = spawnSync(await build(player('cc')), [...format.split(' '), String(hz)], {
    input: lines.join('\n'),
    maxBuffer: 2 ** 28,
  })
  if (played.status !== 0) throw new Error(`${played.stderr.toString()} (exit code ${String(played.status)})`)
  return { ...readHelperSound(played.stdout), totals: totals.parse(JSON.parse(played.stderr.toString())) }
}
