import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { openScreen } from '../../../test/browser/openScreen.ts'

/** Opens one screen of a room. */
export const openWallboardScreen = (browser: Browser, options: BrowserContextOptions = {}) =>
  openScreen(browser, { viewport: { width: 1920, height: 1080 }, ...options })

/** Resolves with the elements that lie outside the window or are cut off by their box: none, on a good wallboard. */
export function whatDoesNotFit(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const { scrollWidth, scrollHeight } = document.documentElement
    const found: string[] = []
    if (scrollWidth > innerWidth || scrollHeight > innerHeight)
      found.push(`the page scrolls: ${scrollWidth} × ${scrollHeight} in ${innerWidth} × ${innerHeight}`)
    const slackPx = 1.5
    for (const one of document.querySelectorAll('.figure, .card, .agent, .ticket, .band, .bar__time')) {
      const box = one.getBoundingClientRect()
      if (box.width === 0) continue
      const context = one.parentElement?.parentElement?.getBoundingClientRect() ?? box
      const bottom = Math.min(innerHeight, context.bottom) + slackPx
      const right = Math.min(innerWidth, context.right) + slackPx
      if (box.bottom > bottom || box.right > right || box.left < 0 || box.top < 0)
        found.push(`${one.className} "${one.textContent.slice(0, 40)}" ends at ${box.right} × ${box.bottom}`)
    }
    for (const one of document.querySelectorAll<HTMLElement>('.figure__value, .card__elapsed, .card__phase'))
      if (one.scrollWidth > one.clientWidth + slackPx && one.clientWidth > 0)
        found.push(`${one.className} is cut`)
    return found
  })
}
