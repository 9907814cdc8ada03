import { app, session, shell } from 'electron'
import { isOwnPage, mayOpenOutside } from './pageRequest.ts'

/** Closes what a page could open: other pages, frames, windows, devices, permissions. Only the microphone stays, for our own page. */
export function closeDoors(): void {
  const ours = session.defaultSession
  ours.setPermissionRequestHandler((contents, permission, decide, { requestingUrl }) => {
    const own = isOwnPage(contents.getURL()) && isOwnPage(requestingUrl)
    decide(own && (permission === 'media' || permission === 'speaker-selection'))
  })
  ours.setPermissionCheckHandler(
    (_contents, permission, origin) =>
      isOwnPage(origin) && (permission === 'media' || permission === 'speaker-selection'),
  )
  ours.setDevicePermissionHandler(() => false)
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
