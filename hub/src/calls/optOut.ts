import { isListed } from '@3cx-ninja/phone-numbers/compareNumbers.ts'
import type { AgentSettings, BoardCall } from '@3cx-ninja/protocol'

/** Which calls are never recorded, and the country in which their numbers are read. */
export type OptOutRules = Pick<AgentSettings, 'optOut' | 'country'>

/** Returns whether nothing of this call may be recorded: by any extension it is known under, or by the caller's number. Rule S3. */
export function isOptedOut(
  { optOut, country }: OptOutRules,
  { extensions, number }: { readonly extensions: readonly string[]; readonly number: string | undefined },
): boolean {
  return (
    extensions.some((extension) => optOut.extensions.includes(extension)) ||
    isListed(number, optOut.numbers, country)
  )
}

/** Returns whether the board's call is opted out, by its extension or its remote number. Rule S3. */
export const callOptedOut = (rules: OptOutRules, { extension, remoteNumber }: BoardCall): boolean =>
  isOptedOut(rules, { extensions: [extension], number: remoteNumber })
