// Draws the icons of the desktop application into resources/icons/: `npx node agent/scripts/makeIcons.ts`, after a change only.
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { launchChromium } from '../../test/browser/launchChromium.ts'

const out = path.resolve(import.meta.dirname, '../../resources/icons')
const BARS =
  '<path d="M8 13v6M12 10v12M16 7v18M20 11v10M24 14v4" stroke="#fff" stroke-width="2.2" stroke-linecap="round"/>'
const plate = (color: string, badge = '') =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="${color}"/>${BARS}${badge}</svg>`
const dot = (color: string, mark = '') =>
  `<circle cx="24.5" cy="24.5" r="7.5" fill="#fff"/><circle cx="24.5" cy="24.5" r="6" fill="${color}"/>${mark}`

/** Color and shape both show the state, because not everybody sees every color. */
const ICONS: Readonly<Record<string, string>> = {
  icon: plate('#2446c8'),
  'tray-idle': plate('#2446c8'),
  'tray-away': plate('#6b7280', dot('#6b7280', '<path d="M22 27l5-5" stroke="#fff" stroke-width="2"/>')),
  'tray-ringing': plate(
    '#2446c8',
    dot(
      '#d97706',
      '<path d="M24.5 21v4M24.5 27.4v.2" stroke="#fff" stroke-width="2" stroke-linecap="round"/>',
    ),
  ),
  'tray-recording': plate('#2446c8', dot('#dc2626')),
  'tray-paused': plate(
    '#2446c8',
    dot('#6b7280', '<path d="M23 22v5M26 22v5" stroke="#fff" stroke-width="1.8"/>'),
  ),
  'tray-draft': plate(
    '#2446c8',
    dot(
      '#15803d',
      '<path d="M22 24.6l1.9 1.9 3.3-3.6" stroke="#fff" stroke-width="1.8" fill="none" stroke-linecap="round"/>',
    ),
  ),
}

await mkdir(out, { recursive: true })
const browser = await launchChromium()
try {
  for (const [name, svg] of Object.entries(ICONS)) {
    for (const { pixels, suffix } of sizesOf(name)) {
      const page = await browser.newPage({ viewport: { width: pixels, height: pixels } })
      await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw}</style>${svg}`)
      await page.screenshot({ path: path.join(out, `${name}${suffix}.png`), omitBackground: true })
      await page.close()
    }
  }
} finally {
  await browser.close()
}

function sizesOf(name: string): readonly { pixels: number; suffix: string }[] {
  if (name === 'icon') return [{ pixels: 512, suffix: '' }]
  return [
    { pixels: 16, suffix: '' },
    { pixels: 32, suffix: '@2x' },
  ]
}
