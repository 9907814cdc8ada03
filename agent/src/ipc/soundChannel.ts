/** Main hands the hidden sound page one end of a message channel. */
export const SOUND_PORT = 'sound:port'
/** The preload hands it on to the page under this word. */
export const SOUND_PORT_WORD = 'sound-port'
