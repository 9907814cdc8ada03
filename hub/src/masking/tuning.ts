/**
 * Utterances of a call in which a request, its answer and their repetitions are searched together: about two minutes of
 * talk, longer than anybody takes to find a card.
 */
export const UTTERANCES_REMEMBERED = 24
/** Calls remembered; those silent for longest are evicted, so that the hub's memory stays bounded. */
export const CALLS_REMEMBERED = 2_000
