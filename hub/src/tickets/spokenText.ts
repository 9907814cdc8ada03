// Text from callers, the PBX and speech engines goes into tickets that people read: it must not look like something else.

/** Control characters, and characters that turn or hide their neighbors; tab and line feed are kept. */
const INVISIBLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu
const LONE_SURROGATE = /\p{Surrogate}/gu

/** Returns the text without invisible characters, with \n as its only line break. */
export function visible(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(INVISIBLE, '').replace(LONE_SURROGATE, '\ufffd')
}

/** Returns the text on one line: a line break in it could begin a line in another speaker's name. */
export function oneLine(text: string): string {
  return visible(text.replace(/[\s\u0085\u2028\u2029]+/gu, ' ')).trim()
}

/** Returns at most `maxLength` UTF-16 units, never half a character, with an ellipsis where text is missing. */
export function truncate(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  return `${text.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
