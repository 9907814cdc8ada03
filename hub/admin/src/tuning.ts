export const adminTuning = {
  /** How often what is watched (overview, members, outbox) is asked for again: a person expects to see a change at once. */
  watchMs: 4_000,
  /** The hub answers in milliseconds; a NinjaOne test waits for four requests of up to 20 s each. */
  answerMs: 90_000,
  /** 'Copied' stands this long. */
  copiedMs: 2_500,
} as const
