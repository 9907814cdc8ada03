import { isNamed, knownPrograms } from '../../../telephone/phonePrograms.ts'
import type { PulseStream } from './pulseState.ts'

/** The name of our own recordings in the sound server's lists. */
export const OUR_CLIENT_NAME = '3CX-Ninja Realtime'

/** Names of the 3CX clients for Linux, used when the settings name no others. */
export const DEFAULT_PROGRAMS: readonly string[] = knownPrograms('linux').programs

/**
 * Returns whether a stream belongs to the telephone. `programs` are names of executables or applications, not case-sensitive, with
 * or without `.exe`; a `*` at the end matches any ending. 3CX in a browser looks like every other page of that browser:
 * a site that uses it names the browser (`chrome`) and accepts that any page's call counts.
 */
export function isTelephone(stream: PulseStream, programs: readonly string[]): boolean {
  if (stream.application === OUR_CLIENT_NAME) return false
  if (stream.media === 'Peak detect') return false // a volume meter on the microphone
  const names = [stream.binary, stream.application]
  return programs.some((program) => names.some((name) => isNamed(name, program)))
}
