import { CHANNELS, SAMPLES_PER_RECORD, type Channel, type Codec, type LogRecord } from '@3cx-ninja/protocol'
import { loadBlockCodec } from '../src/main/capture/recording/blockCodec.ts'

/** Resolves with a recording as an agent holds it at hang-up: records of 100 ms per channel, and the seal. */
export async function encodeRecording(
  audio: Readonly<Record<Channel, Int16Array>>,
): Promise<{ readonly records: readonly LogRecord[]; readonly codec: Codec }> {
  const { codec, createEncoder } = await loadBlockCodec((cause) => {
    throw cause
  })
  const encoders = { agent: createEncoder(), caller: createEncoder() }
  const records: LogRecord[] = []
  const blocks = Math.ceil(audio.agent.length / SAMPLES_PER_RECORD)
  for (let block = 0; block < blocks; block++) {
    const firstSample = block * SAMPLES_PER_RECORD
    for (const channel of CHANNELS) {
      const samples = new Int16Array(SAMPLES_PER_RECORD)
      samples.set(audio[channel].subarray(firstSample, firstSample + SAMPLES_PER_RECORD))
      const payload = encoders[channel](samples)
      records.push({ sequence: records.length, kind: 'audio', channel, firstSample, payload })
    }
  }
  const firstSample = blocks * SAMPLES_PER_RECORD
  const seal = { kind: 'sealed', channel: 'agent', firstSample, payload: new Uint8Array() } as const
  records.push({ ...seal, sequence: records.length })
  return { records, codec }
}
