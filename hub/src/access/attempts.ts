import { MINUTE_MS, type Clock } from '@3cx-ninja/protocol'

const WINDOW_MS = MINUTE_MS
/** Guessing 192-bit secrets is hopeless anyway; this keeps the log readable and the database quiet. */
const MAX_FAILURES = 20
const MAX_ADDRESSES = 10_000

/** Failed attempts of each address in the last minute. */
export interface Attempts {
  /** Returns whether the address failed 20 times within a minute. */
  tooMany(address: string): boolean
  /** Counts one more failure of the address. */
  failed(address: string): void
}

/** Creates the count of failed attempts by address, each for a minute. */
export function createAttempts(clock: Clock): Attempts {
  const failures = new Map<string, number[]>()
  const recent = (address: string) =>
    (failures.get(address) ?? []).filter((ms) => clock.monotonicMs() - ms < WINDOW_MS)
  return {
    tooMany: (address) => recent(address).length >= MAX_FAILURES,
    failed(address) {
      if (failures.size >= MAX_ADDRESSES) failures.clear()
      failures.set(address, [...recent(address), clock.monotonicMs()])
    },
  }
}
