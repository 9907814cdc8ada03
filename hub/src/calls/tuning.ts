/** The bounds of the call board, with their reasons. */
export const callsTuning = {
  /**
   * Calls of one agent on the board, which reaches back a week. A technician makes a thousand a week at most; above this it is a
   * broken or hostile program, and each further call would only take memory from all others.
   */
  maxCallsPerAgent: 20_000,
} as const
