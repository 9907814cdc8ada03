import { SOUND_PORT_WORD } from '../ipc/soundChannel.ts'
import { startSoundPage, type SoundPort } from './soundPage.ts'

window.addEventListener('message', (event) => {
  const [port] = event.ports
  if (event.source !== window || event.data !== SOUND_PORT_WORD || !port) return
  // A MessagePort takes any message; main checks each against its schema.
  startSoundPage({ port: port as unknown as SoundPort, devices: navigator.mediaDevices })
})
