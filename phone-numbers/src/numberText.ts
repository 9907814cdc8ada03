/** Digits of Arabic writing, which a copied contact may hold; NFKC turns the wide digits of East Asia by itself. */
const FOREIGN_DIGITS = /[\u0660-\u0669\u06f0-\u06f9]/g
const SCHEME = /^(?:sips?|tel|callto):(?:\/\/)?/i
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?$/
/** An extension at the other side, behind a whole number: '02 40 11 22 33 ext. 12', 'poste 12', 'x12'. */
const EXTENSION = /(?<=(?:\d\D*){6})[\s,]*(?:ext(?:ension)?\.?|poste|x)\s*\d{1,6}$/i

/**
 * Returns the characters of a field that may be a telephone number, with ordinary digits and spaces: the user of a SIP or
 * tel address, the address behind a name (`"DUPONT" <+33240112233>`), each without parameters. Returns undefined where no
 * digit is left: a withheld number ('Anonymous', 'anonymous@anonymous.invalid') is none, and a host's address is none.
 */
export function numberText(text: string): string | undefined {
  const plain = plainText(text).trim()
  const address = (/<([^<>]*)>/.exec(plain)?.[1] ?? plain).trim()
  const withoutScheme = address.replace(SCHEME, '')
  const [user = '', host] = withoutScheme.split('@')
  if (host === undefined && withoutScheme !== address && IPV4.test(user.replace(/[;?].*$/, '')))
    return undefined
  const number = decoded(user)
    .replace(/;\s*[a-z].*$/i, '')
    .replace(/^([^?]*\d)\?.*$/, '$1')
    .replace(EXTENSION, '')
    .trim()
  return /\d/.test(number) ? number : undefined
}

/** Returns the text with ordinary digits and spaces, without invisible characters. Its length may be another one. */
export function plainText(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\p{Cf}+/gu, '')
    .replace(/\s/g, ' ')
    .replace(FOREIGN_DIGITS, (digit) => String(digit.charCodeAt(0) & 0xf))
}

/** A SIP address writes '+' as '%2B'; percent signs that stand for themselves stay. */
function decoded(user: string): string {
  return user.replace(/%(2b|23|2a|20)/gi, (code) => decodeURIComponent(code))
}
