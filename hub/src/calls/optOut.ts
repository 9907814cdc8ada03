import { isSameNumber, type AgentSettings, type BoardCall } from '@3cx-ninja/protocol'

export type OptOut = AgentSettings['optOut']

/** Whether nothing of this call may be recorded: by any of the extensions it is known under, or by the caller's number. Rule S3. */
export function isOptedOut(
  optOut: OptOut,
  { extensions, number }: { readonly extensions: readonly string[]; readonly number: string | undefined },
): boolean {
  return (
    extensions.some((extension) => optOut.extensions.includes(extension)) ||
    (number !== undefined && optOut.numbers.some((one) => isSameNumber(one, number)))
  )
}

export const callOptedOut = (optOut: OptOut, { extension, remoteNumber }: BoardCall): boolean =>
  isOptedOut(optOut, { extensions: [extension], number: remoteNumber })
