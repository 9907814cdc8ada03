import { startSoundPage, type SoundPort } from './soundPage.ts'

/** The word with which the preload hands over main's port. */
const PORT_MESSAGE = 'sound-port'

window.addEventListener('message', (event) => {
  const [port] = event.ports
  if (event.source !== window || event.data !== PORT_MESSAGE || !port) return
  // A MessagePort takes any message; main checks each against its schema.
  startSoundPage({ port: port as unknown as SoundPort, devices: navigator.mediaDevices })
})
