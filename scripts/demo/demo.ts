// npm run demo: hub, worker, agent, a sandbox PBX and a sandbox NinjaOne, each its own process, play one recorded
// two-party call to its ticket. Everything shown was recognised from the sound, nothing is scripted but the call itself.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { draft as draftSchema, utterance as utteranceSchema, type Utterance } from '@3cx-ninja/protocol'
import type { Part, PartLine } from './part.ts'
import { measure, readReference } from './reference.ts'
import { openScreen } from './screen.ts'
import { openSite, type RoleName, type Site } from './site.ts'

const { values } = parseArgs({
  options: {
    call: { type: 'string', default: '1' },
    locale: { type: 'string', default: 'fr' },
    countdown: { type: 'string', default: '10' },
    stay: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const HELP = `npm run demo -- [--call 1|2|3] [--locale fr|en] [--countdown SECONDS] [--stay]
  --stay   leave everything running afterwards and print the addresses of wall and admin page (end with Ctrl-C)`

/** What a demonstration may get wrong of call 1, measured against what was said. */
const MAX_WORD_ERROR_RATE = 0.1
/** Hang-up to filed ticket, beside the countdown. */
const FILING_MS = 60_000

const TEXTS = {
  fr: {
    title: '3CX-Ninja Realtime · démonstration',
    note: 'PBX et NinjaOne sont des bacs à sable ; voix et personnes sont inventées (synthèse vocale).',
    ready: { ninjaone: 'NinjaOne (bac à sable)', hub: 'Hub', worker: 'Worker de transcription', agent: 'Agent du poste 201' },
    call: 'Appel', rings: 'Ça sonne', draft: 'Brouillon', ticket: 'Ticket tel que NinjaOne l’a enregistré',
    rate: 'Mots faux', agent: 'technicienne', caller: 'client', wall: 'Mur', admin: 'Administration', end: 'Ctrl-C pour arrêter',
  },
  en: {
    title: '3CX-Ninja Realtime · demonstration',
    note: 'PBX and NinjaOne are sandboxes; voices and people are invented (speech synthesis).',
    ready: { ninjaone: 'NinjaOne (sandbox)', hub: 'Hub', worker: 'Transcription worker', agent: 'Agent of extension 201' },
    call: 'Call', rings: 'Ringing', draft: 'Draft', ticket: 'The ticket as NinjaOne stored it',
    rate: 'Wrong words', agent: 'technician', caller: 'customer', wall: 'Wall', admin: 'Administration', end: 'Ctrl-C to end',
  },
} // prettier-ignore

if (values.help) process.stdout.write(`${HELP}\n`)
else await run()

async function run(): Promise<void> {
  const locale = values.locale === 'en' ? 'en' : 'fr'
  const folder = await mkdtemp(path.join(tmpdir(), '3cx-ninja-demo-'))
  const countdownSeconds = Math.max(5, Number(values.countdown))
  const seen = createSeen(locale)
  const site = await openSite({
    folder,
    onLine: (from, line) => seen.line(from, line),
    hubSettings: { tickets: { countdownSeconds, undoSeconds: 2, settleSeconds: 5 } },
  })
  const interrupted = new Promise<never>((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error(`ended by ${signal}`)))
  })
  interrupted.catch(() => undefined)
  let worked = false
  try {
    worked = await Promise.race([play(site, seen, countdownSeconds, locale), interrupted])
    if (values.stay) await stay(site, locale, interrupted)
  } catch (error) {
    process.stderr.write(`\n✗ ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  } finally {
    await site.stop()
    if (worked) await rm(folder, { recursive: true, force: true })
    else process.stderr.write(`Logs: ${path.join(folder, 'logs')}\n`)
  }
  if (!worked) process.exitCode = 1
}

async function play(site: Site, seen: Seen, countdownSeconds: number, locale: 'fr' | 'en'): Promise<boolean> {
  const { screen } = seen
  const texts = TEXTS[locale]
  const reference = await readReference(Number(values.call))
  screen.heading(texts.title)
  screen.note(texts.note)
  const ready = (name: keyof typeof texts.ready, detail: string) =>
    screen.done(`${texts.ready[name]} · ${detail}`)
  await site.startNinjaone()
  ready('ninjaone', site.ninjaUrl)
  await site.startHub()
  await site.signInNinjaone()
  ready('hub', site.hubUrl)
  const worker = await site.startWorker()
  const { speed, decoders } = await worker.waitFor('fit', (line) => line.msg === 'worker.fit', 1_000)
  ready('worker', `${String(decoders)} × ${String(speed)}×`)
  const agent = await site.startAgent(['--audio', reference.audio, '--locale', locale])
  ready('agent', 'Camille Durand')

  screen.heading(`${texts.call} « ${reference.title} » · ${Math.round(reference.seconds)} s`)
  const pbx = site.startPbx([
    '--number',
    '+33240112233',
    '--ring',
    '2',
    '--talk',
    String(reference.seconds + 1),
  ])
  forwardCall(pbx, agent, seen)
  const limitMs = (reference.seconds + countdownSeconds + 10) * 1_000 + FILING_MS
  await agent.waitFor('a filed ticket', (line) => draftState(line) === 'filed', limitMs)
  // The whole text follows as a comment; the recording is safe on the hub last.
  await agent.waitFor(
    'a safe recording',
    (line) => line.event === 'recording' && line.state === 'safe',
    FILING_MS,
  )

  const tickets = await site.tickets()
  screen.heading(texts.ticket)
  for (const ticket of tickets) screen.ticket(ticket)
  const { rates } = measure(reference, seen.finals)
  const percent = (rate: number) => `${(rate * 100).toFixed(1)} %`
  screen.line('')
  screen.line(
    `${texts.rate}: ${percent(rates.both)} (${texts.agent} ${percent(rates.agent)}, ${texts.caller} ${percent(rates.caller)})`,
  )
  if (tickets.length !== 1) throw new Error(`${tickets.length} tickets were filed instead of one`)
  if (rates.both > MAX_WORD_ERROR_RATE && values.call === '1')
    throw new Error(
      `${percent(rates.both)} of the words are wrong: more than ${percent(MAX_WORD_ERROR_RATE)}`,
    )
  const missing = seen.finals.filter(({ text }) => !ticketText(tickets[0]).includes(plain(text)))
  if (missing.length > 0) throw new Error(`${missing.length} utterances are not in the ticket`)
  return true
}

function forwardCall(pbx: Part, agent: Part, seen: Seen): void {
  const step = (what: object) => agent.write(`${JSON.stringify(what)}\n`)
  seen.onPbx = (line) => {
    if (line.fact === 'ringing')
      step({
        do: 'ring',
        number: line.number,
        direction: line.direction,
        ...(line.name ? { name: line.name } : {}),
      })
    if (line.fact === 'talking') step({ do: 'talk' })
    if (line.fact === 'hung-up') step({ do: 'hang-up' })
  }
  void pbx.ended
}

async function stay(site: Site, locale: 'fr' | 'en', interrupted: Promise<never>): Promise<void> {
  const { wall, admin, end } = TEXTS[locale]
  process.stdout.write(`\n${wall}: ${await site.wallLink()}\n${admin}: ${site.adminLink()}\n${end}\n`)
  await interrupted.catch(() => undefined)
}

type Seen = ReturnType<typeof createSeen>
/** Collects what the parts say, and shows it. */
function createSeen(locale: 'fr' | 'en') {
  const screen = openScreen(locale)
  const finals: Utterance[] = []
  let shown = ''
  const seen = {
    screen,
    finals,
    onPbx: (_line: PartLine) => undefined as void,
    line(from: RoleName, line: PartLine) {
      if (from === 'pbx') {
        if (line.fact === 'ringing') screen.note(`  ☎ ${TEXTS[locale].rings} · ${String(line.number)}`)
        seen.onPbx(line)
      }
      if (from !== 'agent') return
      if (line.event === 'utterance') {
        const said = utteranceSchema.parse(line.utterance)
        if (said.state === 'final') finals.push(said)
        screen.utterance(said)
      }
      if (line.event === 'draft') {
        const draft = draftSchema.parse(line.draft)
        if (draft.state.at === 'countdown') {
          if (shown !== draft.draftId) {
            shown = draft.draftId
            screen.heading(TEXTS[locale].draft)
            screen.draft(draft)
          }
          screen.countdown(draft.state.remainingMs, draft.fields.title)
        }
      }
    },
  }
  return seen
}

function draftState(line: PartLine): string | undefined {
  if (line.event !== 'draft') return undefined
  const parsed = draftSchema.safeParse(line.draft)
  return parsed.success ? parsed.data.state.at : undefined
}

const plain = (text: string) => text.replaceAll(/\s+/g, ' ').trim()
function ticketText(ticket: { log: readonly { body?: string | null | undefined }[] } | undefined): string {
  return plain((ticket?.log ?? []).map(({ body }) => body ?? '').join(' '))
}
