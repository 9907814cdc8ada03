import { SECOND_MS } from '@3cx-ninja/protocol'
import { browserClock } from './clock.ts'
import { createWallboardDrawing } from './draw/drawWallboard.ts'
import { enrollWallboard, renewScreen } from './link/enrollWallboard.ts'
import { createSocketOpener } from './link/browserSocket.ts'
import { hubAnswers } from './link/hubAnswers.ts'
import { chooseLanguage, createTexts } from './texts/texts.ts'
import { chooseTheme } from './view/chooseTheme.ts'
import { wallboardTuning } from './tuning.ts'
import type { WallboardView } from './view/wallboardView.ts'
import { createWallboard } from './wallboard.ts'

const VERSION = '0.1.0'
/** Offsets of the picture, in thousandths of its height: too small to notice, large enough to spare the edges. */
const SHIFTS = [
  [0, 0],
  [2, 1],
  [3, -1],
  [1, -3],
  [-2, -2],
  [-3, 1],
  [-1, 3],
] as const

/** Wires the page: link, clock and drawing. The page lives until its tab is closed. */
export function startPage(page: Window): void {
  const { document, location, navigator } = page
  const clock = browserClock
  const texts = createTexts(chooseLanguage(location.search, navigator.languages))
  const drawing = createWallboardDrawing(document, {
    enroll: async (key) => {
      const outcome = await enrollWallboard({ key, name: texts.t('enroll.name') }, clock)
      if (!outcome.ok) return texts.t(outcome.failure)
      location.reload() // with the cookie that the hub has just given
      return ''
    },
  })
  document.documentElement.lang = texts.language
  document.documentElement.dataset['theme'] = chooseTheme(location.search)

  let asked: (() => WallboardView) | undefined
  const paint = () => {
    const view = asked?.()
    asked = undefined
    if (view) drawing.draw(view)
  }
  const start = () =>
    createWallboard({
      clock,
      random: Math.random,
      texts,
      version: VERSION,
      connect: createSocketOpener({
        open: () => new WebSocket(new URL('/link/wallboard', location.href.replace(/^http/, 'ws'))),
        hubAnswers: () => hubAnswers(clock),
      }),
      draw(view) {
        const due = asked !== undefined
        asked = view
        // A hidden page has no frames: the next paint comes when the page is visible again.
        if (!due) page.requestAnimationFrame(paint)
      },
      reload() {
        // Reload only while the hub answers: a failed reload would lose this page, which recovers on its own.
        void hubAnswers(clock).then((answers) => {
          if (answers) location.reload()
        })
      },
    })

  void redeemLink(page).then(start)

  let turn = 0
  const shift = () => {
    const [x, y] = SHIFTS[turn % SHIFTS.length] ?? [0, 0]
    drawing.shift(x / 1_000, y / 1_000)
    turn += 1
    clock.after(wallboardTuning.shiftMs, shift)
  }
  shift()
  keepScreenOn(page)
}

/**
 * Exchanges the code of a link for this screen's cookie, before the first socket, and takes the code out of the address: the
 * link counts once, and a reload must not use it again. A refused code leaves the page to ask for a key.
 */
async function redeemLink({ location, history }: Window): Promise<void> {
  const address = new URL(location.href)
  const once = address.searchParams.get('once')
  if (once !== null) {
    await enrollWallboard({ once }, browserClock)
    address.searchParams.delete('once')
    history.replaceState(null, '', address)
  }
  const renew = () => {
    void renewScreen(browserClock)
    browserClock.after(wallboardTuning.renewMs, renew)
  }
  if (once === null) renew()
  else browserClock.after(wallboardTuning.renewMs, renew)
}

/** Asks the browser to keep the screen awake, because a wallboard gets no input. Browsers omit this on plain HTTP. */
function keepScreenOn(page: Window): void {
  const { document, navigator } = page
  if (!('wakeLock' in navigator)) return
  const ask = () => {
    if (document.visibilityState !== 'visible') return
    // Browsers refuse on low battery: the page asks again later.
    navigator.wakeLock.request('screen').catch(() => browserClock.after(60 * SECOND_MS, ask))
  }
  document.addEventListener('visibilitychange', ask)
  ask()
}
