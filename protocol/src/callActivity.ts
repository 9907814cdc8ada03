import type { CallPhase } from './call.ts'

// A file of its own with types only: the agent's page bundles it without zod, which weighs 96 kB and probes `eval`.

/** Returns whether the call goes on: it rings, is talked or is on hold. */
export const isActive = ({ phase }: { readonly phase: CallPhase }): boolean =>
  phase === 'ringing' || phase === 'talking' || phase === 'held'
/** Returns whether nothing of the call is left to do: it is done or was missed (a call in wrap-up is neither active nor settled). */
export const isSettled = ({ phase }: { readonly phase: CallPhase }): boolean =>
  phase === 'done' || phase === 'missed'
