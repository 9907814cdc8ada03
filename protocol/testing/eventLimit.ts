/**
 * Time that a test waits for an event that never comes. Waits end by events, so no passing test takes this long: the limit
 * must only exceed the needs of a busy machine, where seventeen browser contexts once took more than 10 s.
 */
export const EVENT_LIMIT_MS = 60_000
