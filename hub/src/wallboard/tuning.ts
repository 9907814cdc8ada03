/** A finished call stays on the wallboard this long, so that people see its end. */
export const LINGER_MS = 20_000
/** Figures that change in a burst are sent once after this long. */
export const FIGURES_MS = 500
/** Calls of one agent on the wallboard at once: a technician has one or two, and more fit neither on a screen nor into one message. */
export const SHOWN_PER_AGENT = 10
/** Tickets of the day in a snapshot, the newest: no screen has room for more. */
export const SHOWN_TICKETS = 500
