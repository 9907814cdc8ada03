import { chromium, type Browser } from 'playwright-core'

const PROGRAM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
/** Without a screen, and without asking anybody on the network. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The machine's own Chromium in a profile of its own. Rejects with the remedy where there is none. */
export async function launchChromium(more: readonly string[] = []): Promise<Browser> {
  try {
    return await chromium.launch({ executablePath: PROGRAM, args: [...FLAGS, ...more] })
  } catch (cause) {
    throw new Error(
      `Chromium does not start from ${PROGRAM}: install it (apt-get install chromium), or name it in the environment variable CHROMIUM.`,
      { cause },
    )
  }
}
