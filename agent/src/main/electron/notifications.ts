import { Notification } from 'electron'
import type { Notice } from './notices.ts'

/** Shows a notice by the system's own notifications, where they exist; calls `onClick` when it is clicked. */
export function showNotice({ title, body }: Notice, onClick: () => void): void {
  if (!Notification.isSupported()) return
  const notification = new Notification({ title, body })
  notification.on('click', onClick)
  notification.show()
}
