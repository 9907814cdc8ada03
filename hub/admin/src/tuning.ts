export const adminTuning = {
  /** Polling interval of overview, clients and outbox: a person expects to see a change at once. */
  watchMs: 4_000,
  /** The hub answers in milliseconds; a test of the helpdesk waits for four requests of up to 20 s each. */
  answerMs: 90_000,
  /** Time that 'Copied' stays visible. */
  copiedMs: 2_500,
  /** A person reads a sentence twice in this time. */
  toastMs: 6_000,
  /** A toast with an undo button stays longer: a person checks first what changed. */
  toastWithActionMs: 12_000,
  /** Polling interval of the numbers next to the section names. */
  badgesMs: 10_000,
} as const
