import { HOUR_MS, MINUTE_MS } from '@3cx-ninja/protocol'

/** A request without an answer by then is given up: NinjaOne usually answers within one second. */
export const REQUEST_MS = 20_000
/** Larger than any list of contacts seen; an endless answer must not fill the memory. */
export const MAX_ANSWER_BYTES = 32 * 1_048_576
/** Cap of Retry-After: a longer one is a mistake, and must not park a ticket for years. */
export const MAX_RETRY_AFTER_MS = HOUR_MS
/** A token is renewed this long before its end (half its life when that is shorter), so that none expires under way. */
export const TOKEN_MARGIN_MS = MINUTE_MS
/** A little over a second: requests that leave a second apart may arrive closer. */
export const RATE_WINDOW_MS = 1_100
/** Contacts and organizations are loaded again this often: NinjaOne reports no changes. */
export const DIRECTORY_REFRESH_MS = 5 * MINUTE_MS
/** NinjaOne's clock and ours may differ, and a ticket may be dated before our request left. */
export const CLOCK_MARGIN_MS = 2 * MINUTE_MS
