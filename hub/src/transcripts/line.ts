import { utterance as utteranceSchema, wallClockMs, type Utterance } from '@3cx-ninja/protocol'

/** A final with the wall-clock time at which it began: what orders both channels and all parts. */
export const line = utteranceSchema.extend({ atMs: wallClockMs })
export interface Line extends Utterance {
  readonly atMs: number
}
