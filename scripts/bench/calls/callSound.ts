import { open, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Channel } from '@3cx-ninja/protocol'
import { z } from 'zod'
import { channelsOf } from '../../../worker/testing/demoCall.ts'
import { root } from '../../site/siteState.ts'

/** Speech at a known time after the beginning of the audio. */
export interface Said {
  readonly channel: Channel
  readonly fromMs: number
  readonly toMs: number
}
type StereoAudio = Readonly<Record<Channel, Int16Array>>

export interface CallSound {
  readonly file: string
  readonly seconds: number
  readonly sound: StereoAudio
  readonly said: readonly Said[]
}

const SAMPLES_PER_MS = 16
const RATE_HZ = 16_000
/** People hang up soon after the last word. */
const AFTER_LAST_WORD_MS = 500
const CALLS = 3

const reference = z.object({
  segments: z.array(z.object({ speaker: z.enum(['agent', 'customer']), start: z.number(), end: z.number() })),
})

interface DemoCall {
  readonly sound: StereoAudio
  readonly said: readonly Said[]
  readonly ms: number
}

/** Reads the shipped demonstration calls once and builds calls of any length by repeating them. */
export async function openCallSounds(folder: string) {
  const calls: DemoCall[] = []
  for (let number = 1; number <= CALLS; number++) calls.push(await readDemoCall(number))
  return {
    /** Builds a call of about `seconds` that ends shortly after a last word; `first` (0, 1, 2) is the call it begins with. */
    async make({ seconds, first }: { seconds: number; first: number }): Promise<CallSound> {
      const pieces: DemoCall[] = []
      let atMs = 0
      const said: Said[] = []
      for (let index = first; atMs < seconds * 1_000; index++) {
        const call = calls[index % CALLS]
        if (!call) break
        for (const one of call.said) said.push({ ...one, fromMs: one.fromMs + atMs, toMs: one.toMs + atMs })
        pieces.push(call)
        atMs += call.ms
      }
      const kept = said.filter(({ toMs }) => toMs + AFTER_LAST_WORD_MS <= seconds * 1_000)
      const endMs = Math.max(...kept.map(({ toMs }) => toMs)) + AFTER_LAST_WORD_MS
      const cut = (channel: Channel) =>
        join(pieces.map(({ sound }) => sound[channel])).subarray(0, Math.round(endMs * SAMPLES_PER_MS))
      const sound = { agent: cut('agent'), caller: cut('caller') }
      const file = path.join(folder, `call-${seconds}-${first}.wav`)
      await writeWav(file, sound)
      return { file, seconds: endMs / 1_000, sound, said: kept }
    },
  }
}

async function readDemoCall(number: number): Promise<DemoCall> {
  const base = path.join(root, 'resources', 'audio', `demo-call-${number}`)
  const sound = await channelsOf(`${base}.flac`)
  const { segments } = reference.parse(JSON.parse(await readFile(`${base}.json`, 'utf8')))
  return {
    sound,
    ms: sound.agent.length / SAMPLES_PER_MS,
    said: segments.map(({ speaker, start, end }) => ({
      channel: speaker === 'agent' ? 'agent' : 'caller',
      fromMs: start * 1_000,
      toMs: end * 1_000,
    })),
  }
}

function join(pieces: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

async function writeWav(file: string, { agent, caller }: StereoAudio): Promise<void> {
  const data = new Int16Array(agent.length * 2)
  agent.forEach((sample, index) => {
    data[2 * index] = sample
    data[2 * index + 1] = caller[index] ?? 0
  })
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + data.byteLength, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20) // PCM
  head.writeUInt16LE(2, 22)
  head.writeUInt32LE(RATE_HZ, 24)
  head.writeUInt32LE(RATE_HZ * 4, 28)
  head.writeUInt16LE(4, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(data.byteLength, 40)
  const handle = await open(file, 'w')
  try {
    await handle.write(head)
    await handle.write(Buffer.from(data.buffer))
  } finally {
    await handle.close()
  }
}
