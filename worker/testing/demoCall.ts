import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { CHANNELS, SAMPLES_PER_RECORD, type Channel, type LogRecord } from '@3cx-ninja/protocol'
import { FLACDecoder } from '@wasm-audio-decoders/flac'
import { z } from 'zod'
import { root } from './realRecognition.ts'

const reference = z.object({ segments: z.array(z.object({ speaker: z.string(), text: z.string() })) })

export interface DemoCall {
  /** The records that an agent would write, PCM16. */
  readonly records: readonly LogRecord[]
  /** The spoken text, per channel. */
  readonly words: Readonly<Record<Channel, string>>
}

/** One of the shipped demonstration calls. */
export async function demoCall(number: 1 | 2 | 3): Promise<DemoCall> {
  const file = path.join(root, 'resources/audio', `demo-call-${number}`)
  const { segments } = reference.parse(JSON.parse(await readFile(`${file}.json`, 'utf8')))
  const textOf = (speaker: string) =>
    segments
      .filter((one) => one.speaker === speaker)
      .map(({ text }) => text)
      .join(' ')
  return {
    records: toRecords(await channelsOf(`${file}.flac`)),
    words: { agent: textOf('agent'), caller: textOf('customer') },
  }
}

/** Resolves with the two channels of a FLAC file, 16 kHz: left is the agent, right the caller. */
export async function channelsOf(file: string): Promise<Record<Channel, Int16Array>> {
  const decoder = new FLACDecoder()
  await decoder.ready
  try {
    const { channelData } = await decoder.decodeFile(await readFile(file))
    const [agent, caller] = channelData.map((channel) =>
      Int16Array.from(channel, (value) => Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768)))),
    )
    if (!agent || !caller) throw new Error(`${file} has not two channels`)
    return { agent, caller }
  } finally {
    decoder.free()
  }
}

function toRecords(sound: Readonly<Record<Channel, Int16Array>>): LogRecord[] {
  const records: LogRecord[] = []
  for (let at = 0; at + SAMPLES_PER_RECORD <= sound.agent.length; at += SAMPLES_PER_RECORD) {
    for (const channel of CHANNELS) {
      const { buffer, byteOffset } = sound[channel].subarray(at, at + SAMPLES_PER_RECORD)
      const payload = new Uint8Array(buffer, byteOffset, SAMPLES_PER_RECORD * 2)
      records.push({ sequence: records.length, kind: 'audio', channel, firstSample: at, payload })
    }
  }
  return records
}
