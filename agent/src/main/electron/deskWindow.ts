import { BrowserWindow, screen } from 'electron'
import type { Clock } from '@3cx-ninja/protocol'
import { SECOND_MS } from '@3cx-ninja/protocol'
import type { Logger } from '../process/log.ts'
import { PAGE_URL } from './pageRequest.ts'
import { boundsForWindow, SMALLEST, type Area } from './windowBounds.ts'

/** The technician's window: shown or hidden, until it is destroyed. */
export interface DeskWindow {
  /** Shows the window with the keyboard focus, because the user asked for it. */
  open(): void
  /** Shows the window above the others without taking the keyboard from what is being typed. */
  peek(): void
  isOnScreen(): boolean
  /** Closes the window for good; until then closing only hides it. */
  destroy(): void
}

/** What the window is opened with; `bounds` are those of the last start. */
export interface DeskWindowNeeds {
  readonly preload: string
  readonly title: string
  readonly bounds: Area | undefined
  readonly saveBounds: (bounds: Area) => void
  readonly hidden: boolean
  readonly clock: Clock
  readonly log: Logger
}

const AGAIN_MS = 2 * SECOND_MS
const KEEP_AFTER_MS = SECOND_MS

/**
 * Opens the technician's window. Closing hides it; when its process dies it is loaded again after 2 s, and nothing of the
 * call is lost. Resolves once the page is loaded, or failed to load, which is logged.
 */
export async function openDeskWindow(needs: DeskWindowNeeds): Promise<DeskWindow> {
  const { clock, log } = needs
  const main = screen.getPrimaryDisplay()
  const screens = [main, ...screen.getAllDisplays().filter(({ id }) => id !== main.id)]
  const window = new BrowserWindow({
    ...boundsForWindow(
      needs.bounds,
      screens.map(({ workArea }) => workArea),
    ),
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    title: needs.title,
    show: false,
    autoHideMenuBar: true,
    fullscreenable: false,
    webPreferences: {
      preload: needs.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: true,
    },
  })
  let isLeaving = false
  let cancelSave: () => void = () => undefined
  let cancelAgain: () => void = () => undefined

  const saveBounds = () => {
    cancelSave()
    cancelSave = clock.after(KEEP_AFTER_MS, () => {
      if (!window.isDestroyed() && !window.isMinimized()) needs.saveBounds(window.getBounds())
    })
  }
  window.on('moved', saveBounds)
  window.on('resized', saveBounds)
  window.on('close', (event) => {
    if (isLeaving) return
    event.preventDefault()
    window.hide()
  })
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    log.error({ reason }, 'window.gone')
    if (!isLeaving) cancelAgain = clock.after(AGAIN_MS, () => void load())
  })
  const load = async () => {
    await window
      .loadURL(PAGE_URL)
      .catch((error: unknown) => log.error({ error: String(error) }, 'window.not-loaded'))
  }
  await load()
  if (!needs.hidden) window.show()

  return {
    open() {
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
    },
    peek() {
      if (window.isVisible() && !window.isMinimized()) return window.moveTop()
      window.showInactive()
    },
    isOnScreen: () => !window.isDestroyed() && window.isVisible() && !window.isMinimized(),
    destroy() {
      isLeaving = true
      cancelSave()
      cancelAgain()
      window.destroy()
    },
  }
}
