const LONGEST_WITHOUT_MASK = 5

/** The first word of a person's name, for the narrow column of speakers. */
export function firstNameOf(name: string): string {
  return name.trim().split(/\s+/)[0] ?? ''
}

/** Telephones often give the number as the name: the wallboard shows no full number, whatever field it came in (rule T2). */
export function maskIfNumber(name: string): string {
  const digits = name.replace(/\D/g, '')
  const isNumber = digits.length > LONGEST_WITHOUT_MASK && /^[\d\s().+\-/]+$/.test(name)
  return isNumber ? `••• ${digits.slice(-2)}` : name.trim()
}
