import type { PulseStream } from './pulseState.ts'

/** Under this name our own recordings stand in the sound server's lists. */
export const OUR_CLIENT_NAME = '3CX-Ninja Realtime'

/** Begins with '3CX': every client of 3CX so far, under each of its names (facts of V12 to V20). */
export const DEFAULT_PROGRAMS: readonly string[] = ['3cx*']

/**
 * Whether a stream belongs to the telephone. `programs` are names of executables or applications, not case-sensitive, with
 * or without `.exe`; a `*` at the end stands for any ending. 3CX in a browser looks like every other page of that browser:
 * a site that uses it names the browser (`chrome`) and accepts that any page's call counts.
 */
export function isTelephone(stream: PulseStream, programs: readonly string[]): boolean {
  if (stream.application === OUR_CLIENT_NAME) return false
  if (stream.media === 'Peak detect') return false // a volume meter that looks at the microphone
  const names = [stream.binary, stream.application].map(plain).filter((name) => name !== '')
  return programs.some((program) => {
    const wanted = plain(program)
    if (wanted === '' || wanted === '*') return false
    return names.some((name) =>
      wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted,
    )
  })
}

const plain = (name: string) =>
  name
    .trim()
    .toLowerCase()
    .replace(/\.exe$/, '')
