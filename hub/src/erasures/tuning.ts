import { SECOND_MS } from '@3cx-ninja/protocol'

/** A reader of the database (the nightly check, a backup) keeps its log for minutes; asking for it costs nothing. */
export const OVERWRITE_RETRY_MS = SECOND_MS
/** Erasures that an agent is sent after a welcome: far more than one technician asks for while a PC is off. */
export const MAX_REPEATED_ERASURES = 1_000
