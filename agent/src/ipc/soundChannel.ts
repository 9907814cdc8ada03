/** Channel on which main hands the hidden audio page one end of a message channel. */
export const SOUND_PORT = 'sound:port'
/** The word under which the preload passes the port on to the page. */
export const SOUND_PORT_WORD = 'sound-port'
