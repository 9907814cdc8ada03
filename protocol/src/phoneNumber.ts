/**
 * Digits that stand for a subscriber in national and international writing alike: both agree on the last nine, whatever
 * prefix stands before them. Internal numbers are shorter and must be equal.
 */
const SUBSCRIBER_DIGITS = 9

const subscriberOf = (number: string) => number.replaceAll(/\D/g, '').slice(-SUBSCRIBER_DIGITS)

/** `06 12 34 56 78`, `+33612345678` and `0033 6 12345678` are one number. What bears no digit is like no other. */
export function isSameNumber(one: string, other: string): boolean {
  const digits = subscriberOf(one)
  return digits !== '' && digits === subscriberOf(other)
}

/** Two numbers that tell two callers apart. One that is not known, or withheld and without digits, tells nothing. */
export function areOtherNumbers(one: string | undefined, other: string | undefined): boolean {
  const [a, b] = [subscriberOf(one ?? ''), subscriberOf(other ?? '')]
  return a !== '' && b !== '' && a !== b
}
