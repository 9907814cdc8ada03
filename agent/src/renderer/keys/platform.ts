/** Only for the names of the caps: Alt is ⌥ on a Mac. */
export const isMac = (): boolean => /Macintosh|Mac OS X/.test(navigator.userAgent)
