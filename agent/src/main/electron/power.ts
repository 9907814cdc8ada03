import { powerMonitor } from 'electron'

/** Waking (also of the screen: a laptop may have changed its network meanwhile) and shutdown of the PC. */
export function watchPower(on: { readonly awake: () => void; readonly shutdown: () => void }): void {
  powerMonitor.on('resume', on.awake)
  powerMonitor.on('unlock-screen', on.awake)
  powerMonitor.on('shutdown', on.shutdown)
}
