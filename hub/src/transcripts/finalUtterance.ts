import { utterance as utteranceSchema, wallClockMs, type Utterance } from '@3cx-ninja/protocol'

/** A final with the wall-clock time at which it began: that time orders both channels and all parts. */
export const finalUtterance = utteranceSchema.extend({ atMs: wallClockMs })
export interface FinalUtterance extends Utterance {
  readonly atMs: number
}
