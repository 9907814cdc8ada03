/** Returns whether the PC is a Mac, for the names of the keys only: Alt is ⌥ there. */
export const isMac = (): boolean => /Macintosh|Mac OS X/.test(navigator.userAgent)
