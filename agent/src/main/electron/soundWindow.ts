import { BrowserWindow, MessageChannelMain } from 'electron'
import { SOUND_PORT } from '../../ipc/soundChannel.ts'
import type { SoundPage } from '../capture/sources/chromiumSound.ts'
import { SOUND_PAGE_URL } from './pageRequest.ts'

/**
 * Returns the hidden page in which Chromium captures the microphone: a window of its own, so that the visible one may crash,
 * and never slowed down. Calls `gone` once when the page dies.
 */
export function createSoundWindow(needs: { readonly preload: string }): SoundPage {
  return {
    open(listener) {
      const window = new BrowserWindow({
        show: false,
        width: 100,
        height: 100,
        skipTaskbar: true,
        webPreferences: {
          preload: needs.preload,
          sandbox: true,
          contextIsolation: true,
          nodeIntegration: false,
          webviewTag: false,
          backgroundThrottling: false,
        },
      })
      const { port1: ours, port2: theirs } = new MessageChannelMain()
      let isOver = false
      const gone = (cause: string) => {
        if (isOver) return
        isOver = true
        ours.close()
        listener.gone(cause)
      }
      ours.on('message', ({ data }) => {
        if (!isOver) listener.message(data)
      })
      window.webContents.on('render-process-gone', (_event, { reason }) => gone(reason))
      window.on('closed', () => gone('closed'))
      void window.loadURL(SOUND_PAGE_URL).then(
        () => {
          ours.start()
          window.webContents.postMessage(SOUND_PORT, null, [theirs])
        },
        (error: unknown) => gone(error instanceof Error ? error.message : String(error)),
      )
      return {
        post: (request) => {
          if (!isOver) ours.postMessage(request)
        },
        close() {
          isOver = true
          ours.close()
          if (!window.isDestroyed()) window.destroy()
          return Promise.resolve()
        },
      }
    },
  }
}
