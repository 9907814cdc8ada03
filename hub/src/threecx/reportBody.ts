import { parseJson } from '@3cx-ninja/protocol'

/** Bytes that say how the text after them is written. */
const MARKS = [
  { bytes: [0xef, 0xbb, 0xbf], label: 'utf-8' },
  { bytes: [0xff, 0xfe], label: 'utf-16le' },
  { bytes: [0xfe, 0xff], label: 'utf-16be' },
] as const

/**
 * Returns the fields of a webhook's body, whatever its content type says: JSON where the text begins like JSON, else a form;
 * undefined for a body that holds neither. Reads marks, UTF-16, the declared character set, UTF-8, and else Windows-1252 (the
 * templates of old middleware). Never throws.
 */
export async function readReportBody(bytes: Uint8Array, contentType = ''): Promise<unknown> {
  if (/^\s*multipart\/form-data/i.test(contentType)) return multipartFields(bytes, contentType)
  const charset = /charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1]
  const text = textOf(bytes, charset)
    .replace(/^\uFEFF+/, '')
    .trim()
  if (/^[[{"]/.test(text)) return jsonFields(text)
  return text.includes('=') ? formFields(text) : undefined
}

/** Some middleware sends the JSON as a JSON text, or as the only item of a list. */
function jsonFields(text: string): unknown {
  const value = parseJson(text)
  if (typeof value === 'string' && /^\s*[[{]/.test(value)) return jsonFields(value.trim())
  return Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value
}

function formFields(text: string): Record<string, string> {
  const fields = text.split('&').map((pair) => {
    const at = pair.includes('=') ? pair.indexOf('=') : pair.length
    return [unescaped(pair.slice(0, at)), unescaped(pair.slice(at + 1))] as const
  })
  return Object.fromEntries(fields)
}

/** Each run of percent codes is read by itself: a name in Latin-1 beside a name in UTF-8 stays readable. */
function unescaped(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/(?:%[0-9a-f]{2})+/gi, (run) => textOf(Buffer.from(run.replaceAll('%', ''), 'hex'), undefined))
    .replace(/^\uFEFF/, '')
}

async function multipartFields(bytes: Uint8Array, contentType: string): Promise<unknown> {
  try {
    const form = await new Response(Buffer.from(bytes), {
      headers: { 'content-type': contentType },
    }).formData()
    return Object.fromEntries([...form].filter(([, value]) => typeof value === 'string'))
  } catch {
    return undefined // cut in its middle
  }
}

function textOf(bytes: Uint8Array, charset: string | undefined): string {
  const mark = MARKS.find((one) => one.bytes.every((byte, at) => bytes[at] === byte))
  if (mark) return decoded(bytes, mark.label) ?? ''
  const wide = wideOf(bytes)
  if (wide) return decoded(bytes, wide) ?? ''
  // A declared UTF-16 whose bytes are none is a default that nobody chose.
  const declared = charset === undefined || /^utf-?(8|16|32)/i.test(charset) ? undefined : charset
  const asDeclared = declared === undefined ? undefined : decoded(bytes, declared)
  return asDeclared ?? decoded(bytes, 'utf-8') ?? decoded(bytes, 'windows-1252') ?? ''
}

/** Text of letters and signs in UTF-16 has a zero in every second byte. */
function wideOf(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes.length < 4) return undefined
  if (bytes[0] !== 0 && bytes[1] === 0 && bytes[3] === 0) return 'utf-16le'
  return bytes[0] === 0 && bytes[1] !== 0 && bytes[2] === 0 ? 'utf-16be' : undefined
}

/** Returns the text, or undefined for bytes or a name of a character set that are none. */
function decoded(bytes: Uint8Array, label: string): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
