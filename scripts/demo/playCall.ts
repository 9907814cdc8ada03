import type { Part } from '../site/part.ts'
import { measure, readReference } from './reference.ts'
import type { Screen } from './screen.ts'
import type { Site, StoredTicket } from '../site/site.ts'
import type { Locale, Texts } from './texts.ts'
import { draftState, type Watch } from './watch.ts'

export interface CallPlay {
  readonly site: Site
  readonly watch: Watch
  readonly screen: Screen
  readonly texts: Texts
  readonly locale: Locale
  readonly countdownSeconds: number
  readonly call: number
}

/** Maximum word error rate of call 1 in the demonstration. */
export const MAX_WORD_ERROR_RATE = 0.1
/** Maximum time from hang-up to the filed ticket, without the countdown. */
const FILING_MS = 60_000
const CALLER = '+33240112233'

/** Plays one call from ring to ticket and resolves with its agent. Rejects unless exactly one ticket contains every word. */
export async function playCall(play: CallPlay): Promise<Part> {
  const { site, watch, screen, texts } = play
  const reference = await readReference(play.call)
  screen.heading(texts.title)
  screen.note(texts.note)
  await site.startNinjaone()
  screen.done(`${texts.ready.ninjaone} · ${site.ninjaUrl}`)
  const hub = await site.startHub()
  await site.signInNinjaone()
  screen.done(`${texts.ready.hub} · ${site.hubUrl}`)
  screen.done(`${texts.ready.wallboard} · ${site.hubUrl}/tv`)
  const worker = await site.startWorker()
  const { speed, decoders } = await worker.waitFor(
    'self-test',
    (line) => line.msg === 'worker.self-tested',
    FILING_MS,
  )
  screen.done(
    `${texts.ready.worker} · ${String(decoders)} ${texts.decoders} ${String(speed)} ${texts.timesRealTime}`,
  )
  const agent = await site.startAgent(['--audio', reference.audio, '--locale', play.locale])
  screen.done(`${texts.ready.agent} · Camille Durand`)

  screen.heading(`${texts.call} « ${reference.title} » · ${Math.round(reference.seconds)} s`)
  watch.forwardPbx((step) => agent.write(`${JSON.stringify(step)}\n`))
  const talkSeconds = reference.seconds + 1
  site.startPbx(['--number', CALLER, '--ring', '2', '--talk', String(talkSeconds)])
  const limitMs = (talkSeconds + play.countdownSeconds) * 1_000 + FILING_MS
  await agent.waitFor('a filed ticket', (line) => draftState(line) === 'filed', limitMs)
  // The whole text follows the ticket as a private comment.
  await hub.waitFor(
    'a filed transcript',
    (line) => line.msg === 'outbox.created' && line.kind === 'comment',
    FILING_MS,
  )

  const tickets = await site.tickets()
  screen.heading(texts.ticket)
  for (const ticket of tickets) screen.ticket(ticket)
  const { rates } = measure(reference, watch.finals())
  const percent = (rate: number) => `${(rate * 100).toFixed(1)} %`
  const perSpeaker = `${texts.speakers.agent} ${percent(rates.agent)}, ${texts.speakers.caller} ${percent(rates.caller)}`
  screen.line(
    `\n${texts.rate} : ${percent(rates.both)} (${perSpeaker}; ${texts.target} ${percent(MAX_WORD_ERROR_RATE)})`,
  )
  if (tickets.length !== 1) throw new Error(`${tickets.length} tickets were filed instead of one`)
  const missing = watch.finals().filter(({ text }) => !textOf(tickets[0]).includes(plain(text)))
  if (missing.length > 0) throw new Error(`${missing.length} utterances are not in the ticket`)
  if (play.call === 1 && rates.both > MAX_WORD_ERROR_RATE)
    throw new Error(`${percent(rates.both)} of the words are wrong`)
  return agent
}

const plain = (text: string) => text.replaceAll(/\s+/g, ' ').trim()
/** Returns all text of a ticket on one line. */
export function textOf(ticket: StoredTicket | undefined): string {
  return plain((ticket?.log ?? []).map(({ body }) => body ?? '').join(' '))
}
