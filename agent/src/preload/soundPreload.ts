import { ipcRenderer } from 'electron'
import { SOUND_PORT, SOUND_PORT_WORD } from '../ipc/soundChannel.ts'

// A port cannot go over the context bridge: the page gets it as a message from itself.
ipcRenderer.on(SOUND_PORT, ({ ports }) =>
  window.postMessage(SOUND_PORT_WORD, window.location.origin, [...ports]),
)
