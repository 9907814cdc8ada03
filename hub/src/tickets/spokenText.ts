// Text from callers, the PBX and speech engines goes into tickets that people read: it must not look like something else.

/** Control characters, and those that turn or hide the text around them; tab and line feed are kept. */

const UNSEEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu
const LONE_SURROGATE = /\p{Surrogate}/gu

/** The text without characters that nobody sees. */
export function visible(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(UNSEEN, '').replace(LONE_SURROGATE, '\ufffd')
}

/** The text on one line: nobody can say a line break that begins a line in another's name. */
export function oneLine(text: string): string {
  return visible(text.replace(/[\s\u0085\u2028\u2029]+/gu, ' ')).trim()
}

/** At most so many UTF-16 units, never half a character, with an ellipsis where something is missing. */
export function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  return `${text.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
