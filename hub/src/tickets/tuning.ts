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
/**
 * Cached drafts of one agent: those that nobody decided, and those decided in the last day. A technician makes some hundred a week;
 * at this many the hub takes no new call of the agent, which keeps it on its PC. An administrator is warned long before.
 */
export const MAX_DRAFTS_PER_AGENT = 20_000
/** The texts of those drafts: 1,600 calls of the longest description. More would take the memory of all others. */
export const MAX_DRAFT_CHARACTERS_PER_AGENT = 32 * 1_048_576
/** From this share of either bound on, `/health` names the agent. */
export const DRAFTS_WARNING_SHARE = 0.8
/**
 * Changes of one agent's drafts that are under way at once: calls, timers and parking. Each is one or two writes to the database,
 * so that a change of another agent waits for a few of them at most.
 */
export const CHANGES_AT_ONCE = 8
/** With this many changes of one agent's drafts waiting, no further report of the agent is read. */
export const MAX_CHANGES_WAITING = 64
