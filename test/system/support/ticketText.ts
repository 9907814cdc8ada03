import { CHANNELS, type Channel } from '@3cx-ninja/protocol'
import type { StoredTicket } from '../../../scripts/site/site.ts'
import { wordErrorRate } from '../../../worker/src/wordErrorRate.ts'
import type { Reference } from '../../../scripts/demo/reference.ts'

const SPOKEN = /^\[(\d\d):(\d\d)\] (.+?) : (.+)$/

export interface SpokenLine {
  readonly atSeconds: number
  readonly channel: Channel
  readonly text: string
}

/** Returns the transcripts of a ticket, one for each comment that contains one. */
export function transcriptsOf(ticket: StoredTicket, technician: string): readonly (readonly SpokenLine[])[] {
  return ticket.log
    .filter(({ type }) => type === 'COMMENT')
    .map(({ body }) => (body ?? '').split('\n').flatMap((line) => spoken(line, technician)))
    .filter((lines) => lines.length > 0)
}

function spoken(line: string, technician: string): SpokenLine[] {
  const [, minutes, seconds, who, text] = SPOKEN.exec(line) ?? []
  if (!minutes || !seconds || !text) return []
  const channel = who === technician ? 'agent' : 'caller'
  return [{ atSeconds: Number(minutes) * 60 + Number(seconds), channel, text }]
}

/** Returns the word error rate per channel of a ticket's transcript. */
export function errorRates(
  reference: Reference,
  lines: readonly SpokenLine[],
): Readonly<Record<Channel, number>> {
  const rate = (channel: Channel) =>
    wordErrorRate(
      reference.words[channel],
      lines
        .filter((line) => line.channel === channel)
        .map(({ text }) => text)
        .join(' '),
    )
  const [agent = 1, caller = 1] = CHANNELS.map(rate)
  return { agent, caller }
}
