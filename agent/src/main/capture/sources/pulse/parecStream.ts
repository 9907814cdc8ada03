import { spawn } from 'node:child_process'
import { SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'
import type { SoundEnvironment } from './pactl.ts'
import { OUR_CLIENT_NAME } from './telephone.ts'

export interface ParecListener {
  sound(samples: Int16Array): void
  /** The process ended by itself: what it said. */
  ended(cause: string): void
}

export interface ParecStream {
  /** Tells our stream apart in the sound server's lists. */
  readonly pid: number | undefined
  stop(): Promise<void>
}

/** Asked of the server: pieces of this length. Shorter costs CPU, longer delays the live text. */
const LATENCY_MS = 50

/** One `parec` process: 16 kHz mono from a source; PulseAudio and PipeWire convert. 0.2 % of a core each. */
export function startParec(
  { source, environment }: { readonly source: string; readonly environment: SoundEnvironment },
  listener: ParecListener,
): ParecStream {
  const child = spawn(
    'parec',
    [
      `--device=${source}`,
      '--raw',
      '--format=s16le',
      `--rate=${SAMPLE_RATE_HZ}`,
      '--channels=1',
      `--latency-msec=${LATENCY_MS}`,
      `--client-name=${OUR_CLIENT_NAME}`,
    ],
    { env: { ...environment, LC_ALL: 'C' }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let isStopped = false
  let half: Buffer = Buffer.alloc(0)
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    if (isStopped) return
    const bytes = half.length > 0 ? Buffer.concat([half, chunk]) : chunk
    const samples = new Int16Array(bytes.length >> 1)
    for (let index = 0; index < samples.length; index++) samples[index] = bytes.readInt16LE(index * 2)
    half = Buffer.from(bytes.subarray(samples.length * 2))
    if (samples.length > 0) listener.sound(samples)
  })
  child.stderr.on('data', (chunk: Buffer) => (said = chunk.toString('utf8').trim().slice(0, 300)))
  const closed = new Promise<void>((resolve) => {
    let isTold = false
    const end = (cause: string) => {
      resolve()
      if (isStopped || isTold) return
      isTold = true
      listener.ended(cause)
    }
    child.on('error', (error) => end(`${error.message}; install pulseaudio-utils`))
    child.on('close', (code) => end(said || `parec ended with ${String(code)}`))
  })
  return {
    pid: child.pid,
    stop() {
      isStopped = true
      child.kill('SIGKILL') // it only reads, and one that hangs would not hear anything softer
      return closed
    },
  }
}
