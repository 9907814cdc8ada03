/**
 * How long a test waits for an event that never comes. Waits end by events, so no passing test takes this long: it only
 * must be longer than a machine with other work needs, where seventeen browser contexts once outlasted 10 s.
 */
export const EVENT_LIMIT_MS = 60_000
