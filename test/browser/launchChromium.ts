import { chromium, type Browser } from 'playwright-core'

const PROGRAM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
/** Chromium runs without a screen and makes no network request of its own. */
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

/** Starts the machine's Chromium in a fresh profile. Rejects with the remedy on a machine without Chromium. */
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
