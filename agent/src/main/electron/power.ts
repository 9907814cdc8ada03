import { powerMonitor } from 'electron'

/** Sleep, wake and shutdown of the PC. `onShutdown` may take its time: Electron waits for the app to quit by itself. */
export function watchPower(on: {
  readonly asleep: () => void
  readonly awake: () => void
  readonly shutdown: () => void
}): void {
  powerMonitor.on('suspend', on.asleep)
  powerMonitor.on('resume', on.awake)
  powerMonitor.on('shutdown', on.shutdown)
}
