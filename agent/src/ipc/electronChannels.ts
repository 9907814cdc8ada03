/** Channel on which the page calls a function of the table: name, input. */
export const DESK_CALL = 'desk:call'
/** Channel on which main sends the page its desk events. */
export const DESK_EVENT = 'desk:event'
/** Channel on which the page says that it listens; main answers with a snapshot. */
export const DESK_READY = 'desk:ready'
