import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { CHANNELS, type Channel, type Utterance } from '@3cx-ninja/protocol'
import { z } from 'zod'
import { root } from '../site/siteState.ts'
import { wordErrorRate } from './wordErrorRate.ts'

const schema = z.object({
  title: z.string(),
  seconds: z.number(),
  segments: z.array(z.object({ speaker: z.enum(['agent', 'customer']), text: z.string() })),
})

export interface Reference {
  readonly title: string
  readonly seconds: number
  readonly audio: string
  /** The spoken words per channel. */
  readonly words: Readonly<Record<Channel, string>>
}

/** Resolves with one of the shipped demonstration calls and its true text. */
export async function readReference(number: number): Promise<Reference> {
  const base = path.join(root, 'resources', 'audio', `demo-call-${number}`)
  const { title, seconds, segments } = schema.parse(JSON.parse(await readFile(`${base}.json`, 'utf8')))
  const said = (speaker: string) =>
    segments
      .filter((one) => one.speaker === speaker)
      .map(({ text }) => text)
      .join(' ')
  return { title, seconds, audio: `${base}.flac`, words: { agent: said('agent'), caller: said('customer') } }
}

export interface Measured {
  /** Word error rate, 0 and up, per channel and over both. */
  readonly rates: Readonly<Record<Channel | 'both', number>>
}

/** Returns the word error rates of finals, in any order, against the spoken words. */
export function measure(reference: Reference, finals: readonly Utterance[]): Measured {
  const textOf = (channel: Channel) =>
    finals
      .filter((one) => one.channel === channel)
      .sort((a, b) => a.part - b.part || a.fromMs - b.fromMs)
      .map(({ text }) => text)
      .join(' ')
  const count = (channel: Channel) => reference.words[channel].match(/[\p{L}\p{N}]+/gu)?.length ?? 0
  const [agent, caller] = CHANNELS.map((channel) => wordErrorRate(reference.words[channel], textOf(channel)))
  const rates = { agent: agent ?? 1, caller: caller ?? 1 }
  const words = count('agent') + count('caller')
  return {
    rates: { ...rates, both: (rates.agent * count('agent') + rates.caller * count('caller')) / words },
  }
}
