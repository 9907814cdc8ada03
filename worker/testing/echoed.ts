import { createSeededRandom } from '../../protocol/testing/stormyNetwork.ts'
import { SAMPLES_PER_RECORD, type Channel, type LogRecord } from '@3cx-ninja/protocol'

export interface EchoPath {
  /** How much quieter than the caller. */
  readonly decibels: number
  readonly delayMs: number
  /** Further paths, as a room adds them: share of the first one, and how much later. */
  /** Amplitude of the microphone's own noise. */
  readonly noise?: number
  readonly reflections?: readonly { readonly share: number; readonly laterMs: number }[]
}

/** The same call (PCM16, one part from sample 0), with the caller's voice in the microphone too. */
export function withEcho(records: readonly LogRecord[], path: EchoPath): readonly LogRecord[] {
  const caller = samplesOf(records, 'caller')
  const paths = [{ share: 1, laterMs: 0 }, ...(path.reflections ?? [])]
  const echoAt = (at: number) =>
    paths.reduce(
      (sum, { share, laterMs }) => sum + share * (caller[at - (path.delayMs + laterMs) * 16] ?? 0),
      0,
    )
  const random = createSeededRandom(7)
  const noise = () => (path.noise ?? 0) * (2 * random() - 1)
  const gain = 10 ** (path.decibels / 20)
  return records.map((record) => {
    if (record.channel !== 'agent' || record.kind !== 'audio') return record
    const agent = new Int16Array(record.payload.slice().buffer)
    const mixed = agent.map((sample, index) =>
      clipped(sample + gain * echoAt(record.firstSample + index) + noise()),
    )
    return { ...record, payload: new Uint8Array(mixed.buffer) }
  })
}

export function samplesOf(records: readonly LogRecord[], channel: Channel): Int16Array {
  const audio = records.filter((record) => record.kind === 'audio' && record.channel === channel)
  const samples = new Int16Array((audio.at(-1)?.firstSample ?? 0) + SAMPLES_PER_RECORD)
  for (const { firstSample, payload } of audio)
    samples.set(new Int16Array(payload.slice().buffer), firstSample)
  return samples
}

const clipped = (value: number) => Math.max(-32_768, Math.min(32_767, Math.round(value)))
