import type { Draft, Utterance } from '@3cx-ninja/protocol'
import type { StoredTicket } from '../site/site.ts'
import type { Texts } from './texts.ts'

const color = process.stdout.isTTY && !process.env.NO_COLOR
const paint = (code: number) => (text: string) => (color ? `\x1b[${code}m${text}\x1b[0m` : text)
const [bold, dim, green, cyan, yellow] = [paint(1), paint(2), paint(32), paint(36), paint(33)]

export type Screen = ReturnType<typeof openScreen>
/** Returns the demonstration's terminal output: live words of both speakers, the draft, the countdown, the ticket. */
export function openScreen(words: Texts) {
  const terminal = process.stdout.isTTY
  let provisional = false
  const line = (text: string) => {
    process.stdout.write(`${provisional ? '\r\x1b[K' : ''}${text}\n`)
    provisional = false
  }
  const clock = (ms: number) =>
    `${String(Math.floor(ms / 60_000)).padStart(2, '0')}:${String(Math.floor(ms / 1_000) % 60).padStart(2, '0')}`
  const speaker = ({ channel }: Utterance) =>
    (channel === 'agent' ? cyan : yellow)(words.speakers[channel].padEnd(12))

  return {
    line,
    heading: (text: string) => line(`\n${bold(text)}`),
    done: (text: string) => line(`${green('✓')} ${text}`),
    note: (text: string) => line(dim(text)),
    /** Writes an utterance; on a terminal, a provisional line is replaced in place. */
    utterance(said: Utterance) {
      if (said.text === '') return
      const head = `  ${dim(clock(said.fromMs))} ${speaker(said)} `
      if (said.state === 'final') return line(`${head}${said.text}`)
      if (!terminal) return
      const room = Math.max(20, process.stdout.columns - 24)
      process.stdout.write(`\r\x1b[K${head}${dim(`${said.text.slice(-room)} …`)}`)
      provisional = true
    },
    draft({ fields }: Draft) {
      line(`  ${bold(fields.title)}`)
      const rows = [
        [words.contact, [fields.contactName, fields.organizationName].filter(Boolean).join(', ')],
        [words.category, fields.category],
        [words.priority, fields.priority],
        [words.actions, fields.actions.map(({ text, done }) => `${done ? '☑' : '☐'} ${text}`).join('  ')],
      ]
      for (const [name = '', value = ''] of rows) if (value) line(`  ${dim(name.padEnd(12))} ${value}`)
    },
    countdown(remainingMs: number, title: string) {
      const seconds = Math.ceil(remainingMs / 1_000)
      if (!terminal) return
      process.stdout.write(`\r\x1b[K  ${yellow(`⏱ ${words.countdown} ${seconds} s`)} ${dim(title)}`)
      provisional = true
    },
    ticket(ticket: StoredTicket) {
      line(`  ${bold(`#${ticket.id}`)} ${ticket.subject}`)
      for (const { type, body } of ticket.log)
        for (const text of [`[${type}]`, ...(body ?? '').split('\n')]) line(`    ${dim('│')} ${text}`)
    },
  }
}
