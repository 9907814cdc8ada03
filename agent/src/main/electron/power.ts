import { powerMonitor } from 'electron'

/**
 * Calls `awake` when the PC or its screen wakes (a laptop may have changed its network meanwhile), and `shutdown` when the PC
 * shuts down.
 */
export function watchPower(on: { readonly awake: () => void; readonly shutdown: () => void }): void {
  powerMonitor.on('resume', on.awake)
  powerMonitor.on('unlock-screen', on.awake)
  powerMonitor.on('shutdown', on.shutdown)
}
