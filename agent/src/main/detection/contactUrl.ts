import type { CallFact } from '../call/callState.ts'

const MAX_URL_LENGTH = 2_048
const MAX_NAME_LENGTH = 160
const MAX_NUMBER_LENGTH = 64

/** Outcome of reading a contact link: the fact that it reports, or the refusal. */
export type ContactLink =
  | { readonly ok: true; readonly fact: CallFact }
  | { readonly ok: false; readonly reason: 'too-long' | 'not-ours' | 'no-caller' }

/**
 * `3cx-ninja://call?number=%CallerNumber%&name=%CallerDisplayName%`, as the 3CX client opens it when it rings. Any web page
 * may open such a link too, so it is only ever read: bounded, its text cleaned of control and direction characters, and
 * nothing in it is an address, a command or a file name. The client fills its placeholders in without escaping, so a name may
 * hold `&`, `+` or `%`.
 */
export function parseContactUrl(url: string): ContactLink {
  if (url.length > MAX_URL_LENGTH) return { ok: false, reason: 'too-long' }
  const link = /^3cx-ninja:(?:\/\/)?call\/?\?([\s\S]*)$/i.exec(url.trim())
  if (link?.[1] === undefined) return { ok: false, reason: 'not-ours' }
  const query = `&${link[1]}`
  const number = cleanNumber(valueOf(query, 'number'))
  const name = cleanName(valueOf(query, 'name'))
  if (number === '' && name === '') return { ok: false, reason: 'no-caller' }
  return {
    ok: true,
    fact: {
      source: 'contact-url',
      state: 'ringing',
      direction: 'inbound',
      // Two callers that ring one after the other are two calls; the same link twice is one.
      leg: number || name,
      ...(number ? { remoteNumber: number } : {}),
      ...(name ? { remoteName: name } : {}),
    },
  }
}

/** Returns the text up to the next of our own names, so that `Smith & Sons` stays whole. */
function valueOf(query: string, key: 'number' | 'name'): string {
  const found = new RegExp(`&${key}=([\\s\\S]*?)(?=&(?:number|name)=|$)`, 'i').exec(query)
  return decode(found?.[1] ?? '')
}

/** Decodes the text; a literal percent sign leaves it unchanged. `+` is part of a number here, never a space. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Returns the text as a telephone number or an extension; an empty text when it contains anything else. */
export function cleanNumber(text: string): string {
  const number = text.replace(/[\s()./-]/g, '')
  return number.length <= MAX_NUMBER_LENGTH && /^[+*#]?[0-9*#]+$/.test(number) ? number : ''
}

/** Returns a name for the screen: one line, without characters that change how others are shown. */
export function cleanName(text: string): string {
  const name = text
    .normalize('NFC')
    // control and format characters (such as those that turn the writing direction), line ends, halves of pairs
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  // a placeholder that the client did not fill in
  return /^%\w*%$/.test(name) ? '' : name.slice(0, MAX_NAME_LENGTH).replace(/[\uD800-\uDBFF]$/, '')
}
