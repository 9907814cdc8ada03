import { MINUTE_MS } from '@3cx-ninja/protocol'

/** Rows are looked at this often even when nothing wakes the outbox; also the pause after a row or the store failed. */
export const LOOK_MS = 15_000
/** Two rounds never follow each other faster, whatever the rows' times say. */
export const LEAST_PAUSE_MS = 50
/** A stop waits this long for the request under way: longer than NinjaOne usually takes, shorter than a service manager waits. */
export const STOP_MS = 3_000
/** A blocked write is tried again by itself after this: who repairs a right or a mapping in NinjaOne does not tell the hub. */
export const BLOCKED_RETRY_MS = 15 * MINUTE_MS
