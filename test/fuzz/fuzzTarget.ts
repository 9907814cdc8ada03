import type fc from 'fast-check'

/** One border that is fuzzed: where its code is, where its inputs begin, and what must hold for every input. */
export interface FuzzTarget {
  readonly name: string
  /** The scripts whose blocks count, by their path. */
  readonly sources: RegExp
  /** Inputs of the border as honest peers send them, valid and broken. */
  readonly seeds: () => readonly Uint8Array[]
  /** Texts that mutations insert: the words of the border's grammar. */
  readonly dictionary: readonly string[]
  /** Inputs that are made instead of mutated. */
  readonly arbitrary: fc.Arbitrary<Uint8Array>
  /** Restores checksums after a mutation, so that it reaches the code behind them; half of the mutations are repaired. */
  readonly repair?: (input: Uint8Array) => Uint8Array
  /** Throws, or rejects, when the border breaks a promise for this input. */
  readonly check: (input: Uint8Array) => void | Promise<void>
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
