// npm run demo: hub, worker, agent, a sandbox PBX and a sandbox NinjaOne, each its own process, play one recorded
// two-party call to its ticket. Every word shown was recognized from the sound; only the call itself is recorded.
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { Part } from '../site/part.ts'
import { playCall } from './playCall.ts'
import { openScreen } from './screen.ts'
import { openSite, type Site } from '../site/site.ts'
import { TEXTS, type Texts } from './texts.ts'
import { createWatch } from './watch.ts'

const HELP = readFileSync(path.join(import.meta.dirname, 'help.txt'), 'utf8')
const { values } = parseArgs({
  options: {
    call: { type: 'string', default: '1' },
    locale: { type: 'string', default: 'fr' },
    countdown: { type: 'string', default: '10' },
    stay: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const countdownSeconds = Number(values.countdown)
if (values.help) process.stdout.write(HELP)
else if (!/^[123]$/.test(values.call) || !(countdownSeconds >= 5 && countdownSeconds <= 120)) {
  process.stderr.write(`--call is 1, 2 or 3; --countdown is 5 to 120 seconds.\n${HELP}`)
  process.exitCode = 2
} else await demonstrate(values.locale === 'en' ? 'en' : 'fr')

async function demonstrate(locale: keyof typeof TEXTS): Promise<void> {
  const texts = TEXTS[locale]
  const screen = openScreen(texts)
  const watch = createWatch(screen, texts)
  const folder = await mkdtemp(path.join(tmpdir(), '3cx-ninja-demo-'))
  const site = await openSite({
    folder,
    onLine: watch.line,
    hubSettings: { tickets: { countdownSeconds, undoSeconds: 2, settleSeconds: 5 } },
  })
  const interrupted = new Promise<never>((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error(`ended by ${signal}`)))
  })
  interrupted.catch(() => undefined) // also when no code awaits it any longer
  let worked = false
  try {
    const agent = await Promise.race([
      playCall({ site, watch, screen, texts, locale, countdownSeconds, call: Number(values.call) }),
      interrupted,
    ])
    worked = true
    if (values.stay) await stay(site, agent, texts, interrupted)
  } catch (error) {
    process.stderr.write(`\n✗ ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  } finally {
    await site.stop()
    if (worked) await rm(folder, { recursive: true, force: true })
    else process.stderr.write(`Logs: ${path.join(folder, 'logs')}\n`)
  }
}

/** Restarts the same agent with its window, whose history contains the call. Resolves on Ctrl-C. */
async function stay(site: Site, agent: Part, texts: Texts, interrupted: Promise<never>): Promise<void> {
  await agent.kill('SIGTERM')
  const window = await site.startAgentWeb([])
  const addresses = [
    [texts.ready.agent, window.link],
    [texts.ready.wallboard, await site.wallboardLink()],
    [texts.admin, await site.adminLink()],
  ]
  process.stdout.write(`\n${addresses.map(([name, link]) => `${name}: ${link}`).join('\n')}\n${texts.end}\n`)
  await interrupted.catch(() => undefined) // Ctrl-C ends the wait
}
