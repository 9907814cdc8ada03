import { isListed } from '@3cx-ninja/phone-numbers/compareNumbers.ts'
import type { ActiveCall, RecordingPolicy } from './callState.ts'

export type RecordingVerdict = 'allowed' | 'no-consent' | 'opted-out'

/** Returns whether this call may be recorded at all. Rules S2 and S3. */
export function mayRecord(
  call: Pick<ActiveCall, 'remoteNumber' | 'extension'>,
  policy: RecordingPolicy | undefined,
): RecordingVerdict {
  if (!policy?.consent.confirmed) return 'no-consent'
  if (policy.optOut.extensions.includes(call.extension)) return 'opted-out'
  if (isListed(call.remoteNumber, policy.optOut.numbers, policy.country)) return 'opted-out'
  return 'allowed'
}
