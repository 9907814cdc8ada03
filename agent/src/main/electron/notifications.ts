import { Notification } from 'electron'
import type { Notice } from './notices.ts'

/** Tells it by the system's own notifications, where there are any; a click opens the window. */
export function showNotice({ title, body }: Notice, onClick: () => void): void {
  if (!Notification.isSupported()) return
  const notification = new Notification({ title, body })
  notification.on('click', onClick)
  notification.show()
}
