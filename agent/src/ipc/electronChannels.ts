/** The page asks main for a function of the table: name, argument. */
export const DESK_CALL = 'desk:call'
/** Main tells the page an event. */
export const DESK_EVENT = 'desk:event'
/** The page listens from now on: main begins with a snapshot. */
export const DESK_READY = 'desk:ready'
