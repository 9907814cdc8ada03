export const adminTuning = {
  /** How often what is watched (overview, members, outbox) is asked for again: a person expects to see a change at once. */
  watchMs: 4_000,
  /** The hub answers in milliseconds; a test of the helpdesk waits for four requests of up to 20 s each. */
  answerMs: 90_000,
  /** 'Copied' stands this long. */
  copiedMs: 2_500,
  /** A sentence is read twice in this. */
  toastMs: 6_000,
  /** With something to take back, longer: a person looks at what changed first. */
  toastWithActionMs: 12_000,
  /** How often the numbers beside the sections are asked for. */
  badgesMs: 10_000,
} as const
