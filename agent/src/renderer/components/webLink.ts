/** The address comes from an outside system: nothing but a page of the web is ever opened. */
export const isWebLink = (url: string | undefined): url is string => url?.startsWith('https://') === true
