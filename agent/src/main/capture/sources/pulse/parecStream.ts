import { spawn } from 'node:child_process'
import { SAMPLE_RATE_HZ } from '@3cx-ninja/protocol'
import type { SoundEnvironment } from './pactl.ts'
import { OUR_CLIENT_NAME } from './telephone.ts'

/** The callbacks of one `parec` process; `ended` is the last one. */
export interface ParecListener {
  /** The next samples, in order, 16 kHz mono. */
  sound(samples: Int16Array): void
  /** The process ended by itself: its last error text. Called once; nothing follows. */
  ended(cause: string): void
}

/** One running `parec` process, from its start until it ends or `stop` resolves. */
export interface ParecStream {
  /** Identifies our stream in the sound server's lists; undefined when the process did not start. */
  readonly pid: number | undefined
  /** Kills the process. Resolves once it is gone; no callback comes afterwards. */
  stop(): Promise<void>
}

/** Length of the pieces that the server is asked for. Shorter costs CPU, longer delays the live text. */
const LATENCY_MS = 50

/** Starts one `parec` process and returns its handle: 16 kHz mono from a source; PulseAudio and PipeWire convert. Costs 0.2 % of a core. */
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
  let lastError = ''
  child.stdout.on('data', (chunk: Buffer) => {
    if (isStopped) return
    const bytes = half.length > 0 ? Buffer.concat([half, chunk]) : chunk
    const samples = new Int16Array(bytes.length >> 1)
    for (let index = 0; index < samples.length; index++) samples[index] = bytes.readInt16LE(index * 2)
    half = Buffer.from(bytes.subarray(samples.length * 2))
    if (samples.length > 0) listener.sound(samples)
  })
  child.stderr.on('data', (chunk: Buffer) => (lastError = chunk.toString('utf8').trim().slice(0, 300)))
  const closed = new Promise<void>((resolve) => {
    let isEnded = false
    const end = (cause: string) => {
      resolve()
      if (isStopped || isEnded) return
      isEnded = true
      listener.ended(cause)
    }
    child.on('error', (error) => end(`${error.message}; install pulseaudio-utils`))
    child.on('close', (code) => end(lastError || `parec ended with ${String(code)}`))
  })
  return {
    pid: child.pid,
    stop() {
      isStopped = true
      child.kill('SIGKILL') // it only reads, and a process that hangs ignores a softer signal
      return closed
    },
  }
}
