import { MINUTE_MS, SECOND_MS } from '@3cx-ninja/protocol'

/** A round runs this often even when nothing wakes the outbox; also the pause after a row or the store failed. */
export const ROUND_MS = 15 * SECOND_MS
/** Least pause between two rounds, whatever the rows' times are. */
export const LEAST_PAUSE_MS = 50
/** A stop waits this long for the request under way: longer than NinjaOne usually takes, shorter than a service manager waits. */
export const STOP_MS = 3 * SECOND_MS
/** A blocked write is tried again by itself after this: the hub is not notified when a right or a mapping is repaired in the helpdesk. */
export const BLOCKED_RETRY_MS = 15 * MINUTE_MS
