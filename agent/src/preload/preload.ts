import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron'
import type { DeskBridge, DeskEvent } from '../ipc/channels.ts'
import { DESK_CALL, DESK_EVENT, DESK_READY } from '../ipc/electronChannels.ts'
import { FUNCTION_NAMES } from '../ipc/functionNames.ts'

const calls = Object.fromEntries(
  FUNCTION_NAMES.map((name) => [name, (input: unknown) => ipcRenderer.invoke(DESK_CALL, name, input)]),
)
const listeners = new Set<(event: DeskEvent) => void>()
ipcRenderer.on(DESK_EVENT, (_event: IpcRendererEvent, deskEvent: DeskEvent) => {
  for (const listener of listeners) listener(deskEvent)
})

/** Named functions only: the page reaches no channel of Electron, and main checks every input against the table. */
const bridge = {
  ...calls,
  onEvent(listener: (event: DeskEvent) => void) {
    if (listeners.size === 0) ipcRenderer.send(DESK_READY)
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
  onConnection: () => () => undefined, // main is always there
} as unknown as DeskBridge // each name of the table, once: the compiler cannot see it through fromEntries
contextBridge.exposeInMainWorld('ninjaDesk', bridge)
