import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { SECOND_MS, type Clock } from '@3cx-ninja/protocol'
import { parsePulseState, type PulseState } from './pulseState.ts'

/** Environment variables of the sound server's programs, such as PULSE_SERVER. */
export type SoundEnvironment = Readonly<Record<string, string | undefined>>

/** The sound server's state and its change events, read by the program `pactl`. */
export interface Pactl {
  /** Resolves with the sound server's state, within 15 to 40 ms. Rejects with cause and remedy, at the latest after 5 s. */
  read(signal: AbortSignal): Promise<PulseState>
  /** Calls `changed` per change of the kinds in `FACILITIES` and `awake` per line of any kind, until the returned stop. */
  subscribe(listener: {
    readonly changed: () => void
    readonly awake: () => void
    /** The subscription ended by itself: cause and remedy. Nothing more comes. */
    readonly ended: (error: Error) => void
  }): () => Promise<void>
}

const FACILITIES = /^Event '\w+' on (source|sink|source-output|sink-input|server) #/
const ANSWER_MS = 5 * SECOND_MS
const MAX_ANSWER_BYTES = 16 * 1024 * 1024

/** Translated programs print translated events, so the environment demands English. */
const english = (environment: SoundEnvironment) => ({ ...environment, LC_ALL: 'C' })

/** Returns the port to PulseAudio's own command line program, which works with PipeWire too. Source: pactl(1) of pulseaudio-utils 16. */
export function createPactl({
  environment,
  clock,
}: {
  readonly environment: SoundEnvironment
  readonly clock: Clock
}): Pactl {
  const run = (args: readonly string[], signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      const limit = clock.timeout(ANSWER_MS)
      execFile(
        'pactl',
        ['-f', 'json', ...args],
        {
          env: english(environment),
          maxBuffer: MAX_ANSWER_BYTES,
          signal: AbortSignal.any([signal, limit]),
          killSignal: 'SIGKILL',
        },
        (error, stdout, stderr) => {
          if (!error) return resolve(stdout)
          reject(soundServerError(limit.aborted ? 'no answer' : stderr.trim() || error.message, error))
        },
      )
    })

  return {
    async read(signal) {
      const [list, info] = await Promise.all([run(['list'], signal), run(['info'], signal)])
      return parsePulseState(list, info)
    },
    subscribe(listener) {
      let isStopped = false
      const child = spawn('pactl', ['subscribe'], {
        env: english(environment),
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let lastError = ''
      child.stderr.on('data', (chunk: Buffer) => (lastError = chunk.toString('utf8').trim().slice(0, 300)))
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (isStopped) return
        listener.awake()
        if (FACILITIES.test(line)) listener.changed()
      })
      const closed = new Promise<void>((resolve) => {
        let isEnded = false
        const end = (cause: string, error?: Error) => {
          resolve()
          if (isStopped || isEnded) return
          isEnded = true
          listener.ended(soundServerError(cause, error))
        }
        child.on('error', (error) => end(error.message, error))
        child.on('close', (code) => end(lastError || `pactl ended with ${String(code)}`))
      })
      return () => {
        isStopped = true
        child.kill('SIGKILL')
        return closed
      }
    },
  }
}

function soundServerError(detail: string, cause?: Error): Error {
  const remedy = detail.includes('ENOENT')
    ? 'install pulseaudio-utils'
    : 'start PulseAudio or PipeWire for this user, or set PULSE_SERVER'
  return new Error(
    `The sound server does not answer (${detail.replace(/\s+/g, ' ').slice(0, 200)}): ${remedy}.`,
    cause ? { cause } : {},
  )
}
