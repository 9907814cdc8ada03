import { app, desktopCapturer, session, shell } from 'electron'
import { isOwnPage, mayOpenOutside } from './pageRequest.ts'

/** For our own page: the microphone, what the PC plays, and writing text to the clipboard (never reading it). */
const ALLOWED: readonly string[] = [
  'media',
  'speaker-selection',
  'display-capture',
  'clipboard-sanitized-write',
]

/**
 * Refuses what a page could open: other pages, frames, windows, devices, permissions. Allows sound and copying for our own
 * pages, and calls the browser for https links. Never throws.
 */
export function closeDoors(): void {
  const ours = session.defaultSession
  ours.setPermissionRequestHandler((contents, permission, decide, { requestingUrl }) => {
    const own = isOwnPage(contents.getURL()) && isOwnPage(requestingUrl)
    decide(own && ALLOWED.includes(permission))
  })
  ours.setPermissionCheckHandler(
    (_contents, permission, origin) => isOwnPage(origin) && ALLOWED.includes(permission),
  )
  ours.setDevicePermissionHandler(() => false)
  // What the PC plays, without a dialog: Electron gives its sound only together with a picture, which nobody reads.
  ours.setDisplayMediaRequestHandler((request, decide) => {
    if (!isOwnPage(request.securityOrigin)) return decide({})
    void desktopCapturer.getSources({ types: ['screen'], thumbnailSize: { width: 0, height: 0 } }).then(
      ([screen]) => decide(screen ? { video: screen, audio: 'loopback' } : {}),
      () => decide({}),
    )
  })
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event, address) => {
      if (!isOwnPage(address)) event.preventDefault()
    })
    contents.on('will-frame-navigate', (event) => {
      if (!isOwnPage(event.url)) event.preventDefault()
    })
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url }) => {
      if (mayOpenOutside(url)) void shell.openExternal(url)
      return { action: 'deny' }
    })
  })
}
