/** Returns whether the address is a page of the web: it comes from an outside system, and nothing else is ever opened. */
export const isWebLink = (url: string | undefined): url is string => url?.startsWith('https://') === true
