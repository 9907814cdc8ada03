import { spawn } from 'node:child_process'
import { SAMPLES_PER_RECORD, SAMPLE_RATE_HZ, type Channel, type Clock } from '@3cx-ninja/protocol'
import type { AudioListener, AudioSource } from './audioSource.ts'

export interface ParecNeeds {
  /** PulseAudio or PipeWire source of the technician's microphone. */
  readonly microphone: string
  /** Source that carries what the telephone plays: the monitor of its output. */
  readonly caller: string
  readonly clock: Clock
  /** Environment of the sound server, such as PULSE_SERVER. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

const BYTES_PER_BLOCK = SAMPLES_PER_RECORD * 2
/** One side may be this far ahead before the other counts as lost: longer than a monitor's late start (1.7 s measured). */
const MAX_SKEW_BLOCKS = 30

/**
 * Microphone and telephone through two `parec` processes, 16 kHz mono each. Blocks are paired in order of arrival; a side
 * that falls silent altogether (device lost) is filled with silence, so that the other one is never held up.
 */
export function createParecSource(needs: ParecNeeds): AudioSource {
  return {
    name: 'parec',
    start(listener: AudioListener) {
      let stopped = false
      let blocks = 0
      const queues: Record<Channel, Int16Array[]> = { agent: [], caller: [] }

      const pair = () => {
        const { agent, caller } = queues
        for (;;) {
          const oneIsLost = Math.max(agent.length, caller.length) > MAX_SKEW_BLOCKS
          if (!oneIsLost && (agent.length === 0 || caller.length === 0)) return
          listener.block({
            firstSample: blocks * SAMPLES_PER_RECORD,
            agent: agent.shift() ?? new Int16Array(SAMPLES_PER_RECORD),
            caller: caller.shift() ?? new Int16Array(SAMPLES_PER_RECORD),
          })
          blocks += 1
        }
      }

      const ends: Promise<void>[] = []
      const children = (['agent', 'caller'] as const).map((channel) => {
        const device = channel === 'agent' ? needs.microphone : needs.caller
        const child = spawn(
          'parec',
          [
            `--device=${device}`,
            '--format=s16le',
            `--rate=${SAMPLE_RATE_HZ}`,
            '--channels=1',
            '--latency-msec=50',
            '--client-name=3CX-Ninja Realtime',
          ],
          { env: { ...needs.environment, LC_ALL: 'C' }, stdio: ['ignore', 'pipe', 'pipe'] },
        )
        let rest: Buffer = Buffer.alloc(0)
        let trouble = ''
        child.stdout.on('data', (chunk: Buffer) => {
          if (stopped) return
          rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
          for (; rest.length >= BYTES_PER_BLOCK; rest = rest.subarray(BYTES_PER_BLOCK))
            queues[channel].push(toSamples(rest))
          pair()
        })
        child.stderr.on('data', (chunk: Buffer) => (trouble = chunk.toString('utf8').trim().slice(0, 300)))
        ends.push(
          new Promise((resolve) => {
            let told = false
            const end = (cause: string) => {
              resolve()
              if (stopped || told) return
              told = true
              listener.failed(
                new Error(
                  `No sound from '${device}' any more (${cause}): check the device with 'pactl list short sources'.`,
                ),
              )
            }
            child.on('error', (error) => end(`${error.message}; install pulseaudio-utils`))
            child.on('close', (code) => end(trouble || `parec ended with ${String(code)}`))
          }),
        )
        return child
      })

      return {
        async stop() {
          stopped = true
          for (const child of children) child.kill('SIGTERM')
          await Promise.all(ends)
        },
      }
    },
  }
}

function toSamples(bytes: Buffer): Int16Array {
  const samples = new Int16Array(SAMPLES_PER_RECORD)
  for (let index = 0; index < SAMPLES_PER_RECORD; index++) samples[index] = bytes.readInt16LE(index * 2)
  return samples
}
