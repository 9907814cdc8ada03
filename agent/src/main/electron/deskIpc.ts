import { ipcMain, type IpcMainEvent, type IpcMainInvokeEvent, type WebContents } from 'electron'
import { DESK_CALL, DESK_EVENT, DESK_READY } from '../../ipc/electronChannels.ts'
import type { Desk, DeskClient } from '../desk/desk.ts'
import { isOwnPage } from './pageRequest.ts'

const REFUSED = { ok: false, error: 'broken-argument', message: 'This page may not ask.' } as const

/**
 * Connects every window of ours to the desk until `stop`: its calls are checked there, and the desk's events are sent to it.
 * A foreign frame is refused. Knows nothing of what the functions do: that lives in desk/.
 */
export function openDeskIpc(desk: Pick<Desk, 'connect'>): { stop(): void } {
  const clients = new Map<WebContents, DeskClient>()
  const isOurs = ({ senderFrame, sender }: IpcMainEvent | IpcMainInvokeEvent) =>
    senderFrame !== null && senderFrame === sender.mainFrame && isOwnPage(senderFrame.url)
  const leave = (contents: WebContents) => {
    clients.get(contents)?.close()
    clients.delete(contents)
  }

  const connectPage = (event: IpcMainEvent) => {
    const { sender } = event
    if (!isOurs(event)) return
    const isNew = !clients.has(sender)
    leave(sender) // a page that was loaded again gets everything again
    clients.set(
      sender,
      desk.connect((deskEvent) => {
        if (!sender.isDestroyed()) sender.send(DESK_EVENT, deskEvent)
      }),
    )
    if (!isNew) return
    // Cards of a page that died are on no screen: their countdown stops.
    sender.on('render-process-gone', () => leave(sender))
    sender.once('destroyed', () => leave(sender))
  }
  ipcMain.on(DESK_READY, connectPage)
  ipcMain.handle(DESK_CALL, (event, name: unknown, input: unknown) => {
    const client = clients.get(event.sender)
    return isOurs(event) && client ? client.call({ name, input }) : REFUSED
  })
  return {
    stop() {
      ipcMain.off(DESK_READY, connectPage)
      ipcMain.removeHandler(DESK_CALL)
      for (const contents of [...clients.keys()]) leave(contents)
    },
  }
}
