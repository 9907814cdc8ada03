import { DAY_MS, SECOND_MS } from '@3cx-ninja/protocol'

/**
 * A decided draft stays in memory this long, for agents that come back, and a start loads the ones decided in it. After
 * that, late text and facts find the draft in the database.
 */
export const DECIDED_DRAFT_MS = DAY_MS
/** Live text changes a draft at most this often: one analysis of a call takes some ms. */
export const LIVE_UPDATE_MS = 1_500
/** With this many drafts collecting at once the pause doubles, with twice as many it triples. */
export const DRAFTS_PER_PAUSE = 100
/** A change that could not be stored (disk full, database busy) is tried again after this. */
export const STORE_RETRY_MS = 5 * SECOND_MS
/** Longer than any call: a transcript that no draft asked for by then has no draft that waits for it. */
export const TRANSCRIBED_MS = 2 * DAY_MS
