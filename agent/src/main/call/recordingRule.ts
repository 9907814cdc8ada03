import type { ActiveCall, RecordingPolicy } from './callState.ts'

export type RecordingVerdict = 'allowed' | 'no-consent' | 'opted-out'

/** Whether this call may be recorded at all. Rules S2 and S3. */
export function mayRecord(
  call: Pick<ActiveCall, 'remoteNumber' | 'extension'>,
  policy: RecordingPolicy | undefined,
): RecordingVerdict {
  if (!policy?.consent.confirmed) return 'no-consent'
  if (policy.optOut.extensions.includes(call.extension)) return 'opted-out'
  const { remoteNumber } = call
  if (remoteNumber && policy.optOut.numbers.some((number) => isSameNumber(number, remoteNumber)))
    return 'opted-out'
  return 'allowed'
}

/** Digits that stand for a subscriber in national and international form alike: the last nine (E.164 has 7 and more). */
const SIGNIFICANT_DIGITS = 9

/** `06 12 34 56 78`, `+33612345678` and `0033 6 12345678` are one number; short internal ones must be equal. */
export function isSameNumber(one: string, other: string): boolean {
  const a = one.replaceAll(/\D/g, '')
  const b = other.replaceAll(/\D/g, '')
  if (a.length < SIGNIFICANT_DIGITS || b.length < SIGNIFICANT_DIGITS) return a !== '' && a === b
  return a.slice(-SIGNIFICANT_DIGITS) === b.slice(-SIGNIFICANT_DIGITS)
}
